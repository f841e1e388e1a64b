import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { MemoryBroker, type Bus } from '@gatehouse/bus';
import { appendRecords, searchCalls, type CallRecord } from '@gatehouse/contracts';
import { createLogger, Secret, type RunningService } from '@gatehouse/runtime';
import type { z } from 'zod';
import { audit } from '../src/index.js';

/** The first test database of a process starts a Postgres, on a machine that may be busy. */
jest.setTimeout(60_000);

/** The audit service on a real database, with the edge and the console that ask it. */
export class TestAudit {
  private constructor(
    private readonly running: RunningService,
    readonly bus: Bus,
    readonly edge: Bus,
    readonly console: Bus,
  ) {}

  static async start(url: string): Promise<TestAudit> {
    const broker = new MemoryBroker();
    const bus = broker.connect('audit');
    const log = createLogger('audit', 'silent');
    const running = await audit.start({ config: { DATABASE_URL: new Secret(url) }, bus, log });
    return new TestAudit(running, bus, broker.connect('edge'), broker.connect('console'));
  }

  append(records: CallRecord[]): Promise<z.output<typeof appendRecords.reply>> {
    return this.edge.request(appendRecords, { records }, { deadlineMs: 60_000 });
  }

  search(search: z.input<typeof searchCalls.request>): Promise<z.output<typeof searchCalls.reply>> {
    return this.console.request(searchCalls, search);
  }

  async close(): Promise<void> {
    await this.bus.drain();
    await this.running.close();
  }
}

/** A record like those of an edge. */
export function callRecord(given: Partial<CallRecord> = {}): CallRecord {
  return {
    id: randomUUID(),
    time: new Date().toISOString(),
    tenant: 'demo',
    subject: { type: 'user', id: 'u1', name: 'jane@example.com', token: 't1' },
    teams: ['dev'],
    client: { id: 'c1', name: 'Cursor' },
    edge: 'edge-1',
    seq: 1,
    server: 'everything',
    method: 'tools/call',
    tool: 'echo',
    arguments: { message: 'hello' },
    result: { content: [{ type: 'text', text: 'Echo: hello' }] },
    decision: { effect: 'permit', rule: 'everything/team:everyone', policyVersion: 1 },
    credential: null,
    status: 'ok',
    error: null,
    isToolError: false,
    latencyMs: { total: 12.5, upstream: 10 },
    bytes: { in: 100, out: 200 },
    metadata: {},
    trace: '0af7651916cd43dd8448eb211c80319c',
    protocol: '2025-11-25',
    ip: '127.0.0.1',
    ...given,
  };
}
