import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { TransportKey } from '@gatehouse/bus';
import type { CallRecord } from '@gatehouse/contracts';
import { lockFolder, patiently, type ServiceDefinition } from '@gatehouse/runtime';
import { Guesses } from './caller/guesses.js';
import { OpenExchanges } from './call/open-exchanges.js';
import { lineOf } from './call/record.js';
import { EdgeConfig } from './config.js';
import type { Gate } from './gate.js';
import { Journal } from './journal/journal.js';
import { Shipper } from './journal/shipper.js';
import { Limits } from './limits.js';
import { edgeListener } from './mcp-endpoint.js';
import { Pushed } from './pushed.js';
import { Sessions } from './sessions.js';
import { UpstreamPools } from './upstream/pools.js';
import { connectCounters } from './valkey.js';

const SWEEP_MS = 10_000;

/** The gate itself: public HTTP for MCP. No database, no stored secret. */
export const edge: ServiceDefinition<typeof EdgeConfig> = {
  name: 'edge',
  config: EdgeConfig,

  async start({ config, bus, log }) {
    const folder = config.EDGE_JOURNAL ?? join(config.GATEHOUSE_DATA, 'journal');
    const lock = await lockFolder(folder);
    const onRecord =
      config.EDGE_SHOW_CALLS === '1' ? (record: CallRecord) => log.info(lineOf(record)) : undefined;
    const durability = config.GATEHOUSE_AUDIT_DURABILITY;
    const journal = await Journal.open({ folder, durability, log, onRecord });
    const key = await TransportKey.create();
    const pushed = new Pushed(bus, { log, issuer: config.GATEHOUSE_PUBLIC_URL, key });
    const gate: Gate = {
      config,
      edge: `${config.EDGE_NAME}-${randomBytes(4).toString('hex')}`,
      log,
      callers: pushed.callers,
      guesses: new Guesses(),
      snapshots: pushed.snapshots,
      open: new OpenExchanges(pushed.callers, pushed.snapshots),
      limits: new Limits(config.VALKEY_URL ? connectCounters(config.VALKEY_URL, log) : null),
      leases: pushed.leases,
      sessions: await patiently(log, 'the vault', () => Sessions.open(bus, key)),
      journal,
      upstreams: new UpstreamPools(config.GATEHOUSE_ALLOW_PRIVATE, config.EDGE_UPSTREAM_TIMEOUT_MS),
    };
    await patiently(log, 'the policy and auth services', () => pushed.catchUp());
    const shipper = new Shipper(journal, bus, log);
    const sweeping = setInterval(() => {
      gate.leases.sweep();
      // an edge that hears nothing answers nobody: streams that are open since before are no exception
      if (gate.snapshots.notReady() !== null) gate.open.review();
    }, SWEEP_MS);
    return {
      listener: edgeListener(gate),
      notReady: () => gate.snapshots.notReady(),
      async close() {
        clearInterval(sweeping);
        await shipper.close();
        await journal.close();
        await gate.upstreams.close();
        gate.limits.close();
        await lock.release();
      },
    };
  },
};
