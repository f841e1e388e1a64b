/** What tools/dev shares with the all-in-one: the same data folder, database, master key and demo servers. */
export { startDemo } from './demo/demo.js';
export { openDatabases } from './start/databases.js';
export { masterKey } from './start/master-key.js';
export { Progress } from './start/progress.js';
export { readAllConfigs } from './start/services.js';
/** What docs/configuration.md is written from. */
export { AllInOneConfig } from './start/config.js';
export { SERVICES } from './start/services.js';
