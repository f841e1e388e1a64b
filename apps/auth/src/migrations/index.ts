import { FirstTables1764000000000 } from './1764000000000-first-tables.js';
import { Identities1764100000000 } from './1764100000000-identities.js';
import { People1764240000000 } from './1764240000000-people.js';
import { Clients1764250000000 } from './1764250000000-clients.js';
import { Machines1764300000000 } from './1764300000000-machines.js';
import { SingleSignOn1764300000000 } from './1764300000000-single-sign-on.js';
import { ClientGrants1764310000000 } from './1764310000000-client-grants.js';

/** In the order in which they run. */
export const migrations = [
  FirstTables1764000000000,
  Identities1764100000000,
  People1764240000000,
  Clients1764250000000,
  Machines1764300000000,
  SingleSignOn1764300000000,
  ClientGrants1764310000000,
];
