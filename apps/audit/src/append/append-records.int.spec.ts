import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { appendRecords, type CallRecord } from '@gatehouse/contracts';
import { openDatabase, type Database } from '@gatehouse/persistence';
import { DatabaseRelay, testDatabases, type TestDatabases } from '@gatehouse/testing';
import { callRecord, TestAudit } from '../../test/start-audit.js';
import { hashRecord, NO_PREVIOUS } from '../chain/link.js';
import { verifyChain } from '../chain/verify-chain.js';
import { migrations } from '../migrations/index.js';

describe('taking in records', () => {
  let databases: TestDatabases<'audit'>;
  let audit: TestAudit;
  let database: Database;
  let superuser: Client;

  beforeAll(async () => {
    databases = await testDatabases(['audit']);
    audit = await TestAudit.start(databases.urls.audit);
    database = await openDatabase({ url: databases.urls.audit, schema: 'audit', entities: [], migrations });
    superuser = new Client({ connectionString: databases.adminUrl });
    await superuser.connect();
  });
  afterAll(async () => {
    await superuser?.end();
    await database?.close();
    await audit?.close();
    await databases?.drop();
  });

  const tenantOf = (name: string) => `${name}-${randomUUID().slice(0, 8)}`;
  const many = (count: number, given: Partial<CallRecord>) =>
    Array.from({ length: count }, (_, seq) => callRecord({ ...given, seq }));
  const stored = async (tenant: string) => (await audit.search({ tenant, limit: 200 })).items;

  it('chains them in the order given: each names the hash of the one before', async () => {
    const tenant = tenantOf('chain');
    const records = ['2026-01-01T00:00:02Z', '2026-01-01T00:00:01Z', '2026-01-01T00:00:03Z'].map(
      (time, seq) => callRecord({ tenant, time, seq }),
    );
    expect(await audit.append(records)).toEqual({ accepted: 3, repeated: 0 });
    const [first, second, third] = (await stored(tenant)).sort((a, b) => a.seq - b.seq);
    expect(first?.previous).toBe(NO_PREVIOUS);
    expect(second?.previous).toBe(first?.hash);
    expect(third?.previous).toBe(second?.hash);
    expect(first?.hash).toBe(hashRecord({ ...(records[0] as CallRecord), previous: NO_PREVIOUS }));
    expect(await verifyChain(database, tenant)).toEqual({ checked: 3, broken: null });
  });

  it('takes a repeated id in once: within a batch, in a later one, and in capitals', async () => {
    const tenant = tenantOf('repeat');
    const [one, two, three] = many(3, { tenant }) as [CallRecord, CallRecord, CallRecord];
    expect(await audit.append([one, two, one])).toEqual({ accepted: 2, repeated: 1 });
    expect(await audit.append([two, three])).toEqual({ accepted: 1, repeated: 1 });
    expect(await audit.append([{ ...three, id: three.id.toUpperCase() }])).toEqual({
      accepted: 0,
      repeated: 1,
    });
    expect(await stored(tenant)).toHaveLength(3);
    expect(await verifyChain(database, tenant)).toEqual({ checked: 3, broken: null });
  });

  it('keeps one chain for each tenant of a batch', async () => {
    const [a, b] = [tenantOf('a'), tenantOf('b')];
    const id = randomUUID();
    await audit.append([
      callRecord({ tenant: b, id }),
      callRecord({ tenant: a, id }),
      callRecord({ tenant: b }),
    ]);
    expect(await verifyChain(database, a)).toEqual({ checked: 1, broken: null });
    expect(await verifyChain(database, b)).toEqual({ checked: 2, broken: null });
  });

  it('keeps the chain in one line, without gap or repetition, while replicas append at once', async () => {
    const replica = await TestAudit.start(databases.urls.audit);
    const tenants = [tenantOf('x'), tenantOf('y')];
    const batches = Array.from({ length: 24 }, (_, batch) =>
      many(10, {}).map((record, index) => ({ ...record, tenant: tenants[(index + batch) % 2] as string })),
    );
    // Every batch goes to both: as when an edge repeats what it got no answer for.
    const sent = batches.flatMap((batch) => [audit.append(batch), replica.append(batch)]);
    const replies = await Promise.all(sent);
    await replica.close();
    expect(replies.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(240);
    for (const tenant of tenants)
      expect(await verifyChain(database, tenant)).toEqual({ checked: 120, broken: null });
  });

  it('takes in text that Postgres cannot hold, with the replacements it documents', async () => {
    const tenant = tenantOf('unicode');
    const hostile = callRecord({
      tenant,
      tool: 'nul\0 and half \ud83d',
      arguments: { 'k\0': 'v\0', deep: { half: '\udc00' } },
      error: { code: 1e300, message: '\0' },
    });
    const plain = callRecord({ tenant });
    expect(await audit.append([hostile, plain])).toEqual({ accepted: 2, repeated: 0 });
    const [found] = (await audit.search({ tenant, tool: 'nul\0 and half \ud83d' })).items;
    expect(found).toMatchObject({
      tool: 'nul\u2400 and half \ufffd',
      arguments: { 'k\u2400': 'v\u2400', deep: { half: '\ufffd' } },
      error: { code: 1e300, message: '\u2400' },
    });
    expect(await verifyChain(database, tenant)).toEqual({ checked: 2, broken: null });
  });

  it('takes in a name longer than an index can hold, and a time that is none', async () => {
    const tenant = tenantOf('long');
    const long = 'ä'.repeat(20_000);
    await audit.append([callRecord({ tenant, tool: long, server: long, time: 'yesterday' })]);
    const { items } = await audit.search({ tenant, tool: long });
    expect(items).toMatchObject([{ tool: long, time: 'yesterday' }]);
    expect(await verifyChain(database, tenant)).toEqual({ checked: 1, broken: null });
  });

  it('stores a record that Postgres refuses without its content, and its neighbours whole', async () => {
    const tenant = tenantOf('refused');
    await superuser.query(
      `alter table audit.call_record add constraint harmless check (record::text not like '%UNSTORABLE%')`,
    );
    const sick = [2, 6, 7];
    const records = many(9, { tenant }).map((record, index) =>
      sick.includes(index) ? { ...record, result: 'UNSTORABLE', metadata: { note: 'UNSTORABLE' } } : record,
    );
    expect(await audit.append(records)).toEqual({ accepted: 9, repeated: 0 });
    const items = (await stored(tenant)).sort((a, b) => a.seq - b.seq);
    const note = '[not stored: Postgres refused it with 23514]';
    for (const [index, { subject, tool, result, metadata }] of items.entries()) {
      const sent = records[index] as CallRecord;
      expect({ subject, tool }).toEqual({ subject: sent.subject, tool: sent.tool });
      expect({ result, metadata }).toEqual(
        sick.includes(index)
          ? { result: note, metadata: {} }
          : { result: sent.result, metadata: sent.metadata },
      );
    }
    expect(await verifyChain(database, tenant)).toEqual({ checked: 9, broken: null });
    await superuser.query('alter table audit.call_record drop constraint harmless');
  });

  it('never changes, deletes or empties what is stored, whatever the service is made to do', async () => {
    const tenant = tenantOf('kept');
    await audit.append([callRecord({ tenant })]);
    for (const attempt of [
      `update call_record set hash = ''`,
      'delete from call_record',
      'truncate call_record',
    ])
      await expect(database.withTenant(tenant, (manager) => manager.query(attempt))).rejects.toThrow(
        'call records are never changed or deleted',
      );
    expect(await stored(tenant)).toHaveLength(1);
  });

  it('commits durably before it answers, even where the server is set to forget', async () => {
    await superuser.query(
      `alter role gatehouse_audit in database ${new URL(databases.adminUrl).pathname.slice(1)} set synchronous_commit = off`,
    );
    await superuser.query(`create table audit.seen (setting text); grant all on audit.seen to gatehouse_audit;
      create function audit.look() returns trigger language plpgsql as $$
        begin insert into audit.seen values (current_setting('synchronous_commit')); return null; end $$;
      grant execute on function audit.look to gatehouse_audit;
      create trigger look after insert on audit.call_record for each statement execute function audit.look()`);
    const replica = await TestAudit.start(databases.urls.audit);
    await replica.append([callRecord({ tenant: tenantOf('durable') })]);
    await replica.close();
    expect((await superuser.query('select setting from audit.seen')).rows).toEqual([{ setting: 'on' }]);
    await superuser.query('drop trigger look on audit.call_record');
  });

  it('says that the database is unavailable, so that the edge keeps its records, and goes on afterwards', async () => {
    const tenant = tenantOf('down');
    const relay = await DatabaseRelay.to(databases.urls.audit);
    const replica = await TestAudit.start(relay.url);
    const records = many(3, { tenant });
    await relay.cut();
    await expect(replica.append(records)).rejects.toMatchObject({ code: 'database.unavailable' });
    await relay.mend();
    expect(await replica.append(records)).toEqual({ accepted: 3, repeated: 0 });
    await replica.close();
    await relay.cut();
  });

  it('is closed by the database itself to a query that forgets its tenant', async () => {
    await audit.append([callRecord({ tenant: tenantOf('closed') })]);
    for (const table of ['call_record', 'chain_head'])
      expect(
        await database.withTenant('another', (manager) => manager.query(`select * from ${table}`)),
      ).toEqual([]);
  });

  it('refuses a batch from anybody but an edge', async () => {
    await expect(audit.console.request(appendRecords, { records: [callRecord()] })).rejects.toMatchObject({
      code: 'bus.forbidden',
    });
  });
});
