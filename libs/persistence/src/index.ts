export * from './database.js';
export * from './database-pulse.js';
export { DatabaseError, type DatabaseUrl, type ProgressLog } from './database-error.js';
export * from './embedded/embedded-postgres.js';
export { openDatabase, type DatabaseOptions } from './open-database.js';
export * from './prepare-database.js';
export { servicesWithDatabase } from './service-role.js';
export { tenantPolicy } from './tenant-policy.js';
