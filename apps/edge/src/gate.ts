import type { Logger } from '@gatehouse/runtime';
import type { Callers } from '@gatehouse/caller';
import type { Guesses } from './caller/guesses.js';
import type { OpenExchanges } from './call/open-exchanges.js';
import type { EdgeConfig } from './config.js';
import type { Journal } from './journal/journal.js';
import type { Leases } from './leases.js';
import type { Limits } from './limits.js';
import type { Sessions } from './sessions.js';
import type { Snapshots } from './snapshots.js';
import type { UpstreamPools } from './upstream/pools.js';

/** Everything that the steps of a call use: one of each in an edge. */
export interface Gate {
  readonly config: EdgeConfig;
  /** This run of this edge, as records name it. */
  readonly edge: string;
  readonly log: Logger;
  readonly callers: Callers;
  readonly guesses: Guesses;
  readonly snapshots: Snapshots;
  readonly open: OpenExchanges;
  readonly limits: Limits;
  readonly leases: Leases;
  readonly sessions: Sessions;
  readonly journal: Journal;
  readonly upstreams: UpstreamPools;
}
