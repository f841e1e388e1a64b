import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { servicesWithDatabase } from '@gatehouse/persistence';
import { Front } from '@gatehouse/runtime';
import { DocumentHost, testDatabases } from '@gatehouse/testing';
import pg from 'pg';
import { Progress } from '../../src/start/progress.js';
import { byPath, firstReason, startServices, stopServices } from '../../src/start/services.js';
import { ADMIN, freePort } from '../shape.js';
import { readFixtures } from './fixture.js';
import { startUpstream } from './upstream.js';

/** A whole Gatehouse in this process, with one MCP server behind it; around it the web of the clients' documents. */
export interface LabGate {
  readonly url: string;
  /** What a person pastes into a client. */
  readonly mcp: string;
  /** Lets what the authorization server holds grow old by a Postgres interval. */
  later(interval: string): Promise<void>;
  stop(): Promise<void>;
}

interface GateOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Stands in front of everything. */
  readonly watch?: (listener: RequestListener) => RequestListener;
}

export async function startGate({ environment, watch }: GateOptions = {}): Promise<LabGate> {
  const upstream = await startUpstream();
  const documents = await publishDocuments();
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-lab-'));
  const databases = await testDatabases(servicesWithDatabase);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const started = await startServices({
    natsUrl: undefined,
    progress: new Progress(),
    environmentOf: (service) => ({
      GATEHOUSE_PUBLIC_URL: url,
      GATEHOUSE_DATA: folder,
      GATEHOUSE_ALLOW_PRIVATE: '127.0.0.0/8',
      AUTH_OUTBOUND_PROXY: documents.proxy,
      GATEHOUSE_ADMIN_EMAIL: ADMIN.email,
      GATEHOUSE_ADMIN_PASSWORD: ADMIN.password,
      GATEHOUSE_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
      DATABASE_URL: (databases.urls as Record<string, string>)[service],
      POLICY_MANIFESTS: JSON.stringify([manifest(upstream)]),
      ...environment,
    }),
  });
  const front = await Front.open({
    host: '127.0.0.1',
    port,
    listener: watch ? watch(byPath(started)) : byPath(started),
    notReady: () => firstReason(started),
  });
  return {
    url,
    mcp: `${url}/demo/mcp/lab/server`,
    later: (interval) => growOld(databases.adminUrl, interval),
    async stop() {
      await front.drain(true);
      await stopServices(started);
      await databases.drop();
      await documents.close();
      upstream.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Every document of a fixture, at the address which is that client's id. */
async function publishDocuments(): Promise<DocumentHost> {
  const steps = (await readFixtures()).flatMap(({ sessions }) =>
    sessions.flatMap(({ registration }) => registration ?? []),
  );
  const documents = steps.flatMap((step) => ('document' in step && step.document ? [step.document] : []));
  const hosts = new Set(documents.map(({ client_id: id }) => new URL(id).hostname));
  const web = await DocumentHost.start({ hosts: [...hosts] });
  for (const document of documents) web.serve(document.client_id, document);
  return web;
}

async function growOld(database: string, interval: string): Promise<void> {
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  await client.query('UPDATE auth.oidc_state SET consumed_at = consumed_at - $1::interval', [interval]);
  await client.end();
}

function manifest(upstream: Server): unknown {
  return {
    type: 'mcp-server/remote',
    name: 'lab',
    description: 'for the client lab',
    url: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/mcp`,
    auth_data: { type: 'header', auth_level: 'global', headers: { Authorization: 'Bearer of-the-lab' } },
    collaborators: [{ subject: 'team:everyone', role_id: 'mcp-server-user' }],
  };
}
