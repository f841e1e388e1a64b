import { seal } from '@gatehouse/bus';
import {
  createIssuer,
  createServiceAccount,
  getAuthKey,
  replaceIssuer,
  verifyToken,
  type Issuer,
} from '@gatehouse/contracts';
import type { JwtIssuer } from '@gatehouse/testing';
import type { z } from 'zod';
import type { AuthServer } from './auth-server.js';

type Given = z.input<typeof Issuer>;

export const AUDIENCE = 'https://gate.example';

/** Registers an issuer, or replaces its registration: its JWTs speak for the service account `ci`, unless told otherwise. */
export async function registerIssuer(
  server: AuthServer,
  issuer: JwtIssuer,
  given: Partial<Given> & { tenant?: string } = {},
): Promise<void> {
  const { tenant = 'demo', ...registration } = given;
  const asked = {
    ...{ name: 'issuer', issuer: issuer.url, audiences: [AUDIENCE], uses: ['bearer', 'exchange'] as const },
    rules: [{ claims: { sub: 'runner' }, service_account: 'ci' }],
    ...registration,
  };
  const bus = server.connect('console');
  const request = { tenant, by: 'admin-id', issuer: { ...asked, uses: [...asked.uses] } };
  await bus.request(createIssuer, request).catch(() => bus.request(replaceIssuer, request));
}

/** Makes a service account. */
export async function addServiceAccount(
  server: AuthServer,
  given: {
    name?: string;
    tenant?: string;
    teams?: string[];
    roles?: ('admin' | 'scim')[];
    clients?: string[];
  } = {},
): Promise<void> {
  const { name = 'ci', tenant = 'demo', teams = [], roles = [], clients = [] } = given;
  const settings = { description: '', teams, roles, clients, suspended: false };
  await server.connect('console').request(createServiceAccount, { tenant, name, by: 'admin-id', settings });
}

/** Asks whose a JWT is, as an edge does. */
export async function verifyAsEdge(server: AuthServer, token: string, tenant = 'demo') {
  const edge = server.connect('edge');
  const { key } = await edge.request(getAuthKey, {});
  return edge.request(verifyToken, { sealed: await seal({ tenant, token }, key) });
}
