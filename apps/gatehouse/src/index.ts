/** What tools/dev shares with the all-in-one: the same data folder, database, master key and demo servers. */
export { startDemo } from './demo/demo.js';
export { AllInOneConfig } from './start/config.js';
export { openDatabases } from './start/databases.js';
export { masterKey } from './start/master-key.js';
export { Progress } from './start/progress.js';
