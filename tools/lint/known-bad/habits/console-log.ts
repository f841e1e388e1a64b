// apps/vault/src/known.ts breaks no-console
console.log('ready');

// apps/gatehouse/src/known.ts breaks nothing
console.log('ready');
