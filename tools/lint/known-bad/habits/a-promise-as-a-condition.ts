// apps/vault/src/known.ts breaks @typescript-eslint/no-misused-promises
export const may = (allowed: Promise<boolean>) => (allowed ? 1 : 2);

// apps/vault/src/known.ts breaks nothing
export const may = async (allowed: Promise<boolean>) => ((await allowed) ? 1 : 2);
