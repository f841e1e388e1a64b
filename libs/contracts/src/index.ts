export * from './contract.js';
export * from './failures.js';
export * from './names.js';
export * from './auth.contracts.js';
export * from './people.contracts.js';
export * from './vault.contracts.js';
export * from './policy.contracts.js';
export * from './audit.contracts.js';
export { allContracts } from './all-contracts.js';
