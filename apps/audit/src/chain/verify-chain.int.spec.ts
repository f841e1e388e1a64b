import { Client } from 'pg';
import { openDatabase, type Database } from '@gatehouse/persistence';
import { testDatabases, type TestDatabases } from '@gatehouse/testing';
import { callRecord, TestAudit } from '../../test/start-audit.js';
import { migrations } from '../migrations/index.js';
import { verifyChain } from './verify-chain.js';

describe('verifying a chain', () => {
  let databases: TestDatabases<'audit'>;
  let audit: TestAudit;
  let database: Database;
  let superuser: Client;
  let tenant: string;
  let count = 0;

  beforeAll(async () => {
    databases = await testDatabases(['audit']);
    audit = await TestAudit.start(databases.urls.audit);
    database = await openDatabase({ url: databases.urls.audit, schema: 'audit', entities: [], migrations });
    superuser = new Client({ connectionString: databases.adminUrl, options: '-c search_path=audit' });
    await superuser.connect();
  });
  afterAll(async () => {
    await superuser?.end();
    await database?.close();
    await audit?.close();
    await databases?.drop();
  });

  beforeEach(async () => {
    tenant = `tenant-${count++}`;
    await audit.append(Array.from({ length: 5 }, (_, seq) => callRecord({ tenant, seq })));
  });

  /** As somebody does who may do anything with the database. */
  async function tamper(sql: string): Promise<void> {
    await superuser.query('begin; set local session_replication_role = replica');
    for (const statement of sql.split(';')) await superuser.query(statement, [tenant]);
    await superuser.query('commit');
  }

  it('finds a whole chain whole, over several pages', async () => {
    expect(await verifyChain(database, tenant)).toEqual({ checked: 5, broken: null });
    const records = Array.from({ length: 1_200 }, (_, seq) =>
      callRecord({
        tenant,
        seq,
        arguments: null,
        metadata: { pi: '3.14' },
        latencyMs: { total: 0.1 + 0.2, upstream: 1e-7 },
      }),
    );
    for (let first = 0; first < records.length; first += 600)
      await audit.append(records.slice(first, first + 600));
    expect(await verifyChain(database, tenant)).toEqual({ checked: 1_205, broken: null });
  });

  it('finds nothing wrong where there is nothing', async () => {
    expect(await verifyChain(database, 'nobody')).toEqual({ checked: 0, broken: null });
  });

  it.each([
    [
      'a changed field',
      `update call_record set record = jsonb_set(record, '{tool}', '"harmless"') where tenant = $1 and position = 3`,
      3,
      'the record was changed',
    ],
    [
      'a changed number in the arguments, with a hash made to look right',
      `update call_record set hash = repeat('a', 64), record = jsonb_set(record, '{seq}', '99') where tenant = $1 and position = 2`,
      2,
      'the record was changed',
    ],
    [
      'a record moved in time',
      `update call_record set time = time - interval '1 year' where tenant = $1 and position = 4`,
      4,
      'the time by which it is found was changed',
    ],
    [
      'a record deleted from the middle',
      'delete from call_record where tenant = $1 and position = 3',
      3,
      'the record is missing',
    ],
    [
      'a record deleted, and the rest moved up',
      `delete from call_record where tenant = $1 and position = 3;
       update call_record set position = position - 1 where tenant = $1 and position > 3`,
      3,
      'the record does not follow the one before it',
    ],
    [
      'two records swapped',
      `update call_record set position = -position where tenant = $1 and position in (2, 3);
       update call_record set position = 5 + position where tenant = $1 and position in (-2, -3)`,
      2,
      'the record does not follow the one before it',
    ],
    [
      'the end cut off',
      'delete from call_record where tenant = $1 and position = 5',
      5,
      'the chain ends here, but its head is at 5',
    ],
    [
      'all of it deleted',
      'delete from call_record where tenant = $1',
      1,
      'the chain ends here, but its head is at 5',
    ],
  ])('finds %s', async (_, sql, position, reason) => {
    await tamper(sql);
    expect((await verifyChain(database, tenant)).broken).toEqual({ position, reason });
  });
});
