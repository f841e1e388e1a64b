import { randomBytes } from 'node:crypto';
import { AuthKeys, SessionKeys } from '@gatehouse/contracts';
import type { Database } from '@gatehouse/persistence';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import type { Barrier } from '../barrier/barrier.js';
import type { Place } from '../barrier/record.js';
import { ServiceKey } from './service-key.entity.js';

interface KeyKind<Schema extends z.ZodType> {
  readonly kind: string;
  readonly schema: Schema;
  readonly make: () => Promise<z.output<Schema>>;
}

const OwnKeys = AuthKeys.omit({ transport: true });
const AUTH_KEYS: KeyKind<typeof OwnKeys> = {
  kind: 'auth-keys',
  schema: OwnKeys,
  make: async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    const { kty, ...jwk } = await exportJWK(privateKey);
    const kid = await calculateJwkThumbprint({ kty, ...jwk });
    return {
      signing: [{ ...jwk, kty: kty ?? 'EC', kid, use: 'sig', alg: 'ES256' }],
      cookies: [makeSecret()],
    };
  },
};

const AuthTransport = AuthKeys.shape.transport;
const AUTH_TRANSPORT: KeyKind<typeof AuthTransport> = {
  kind: 'auth-transport-key',
  schema: AuthTransport,
  make: async () => {
    const { privateKey } = await generateKeyPair('ECDH-ES', { crv: 'P-256', extractable: true });
    return { kty: 'EC', ...(await exportJWK(privateKey)) };
  },
};

const SESSION_KEYS: KeyKind<typeof SessionKeys> = {
  kind: 'session-keys',
  schema: SessionKeys,
  make: async () => ({ keys: [{ id: randomBytes(6).toString('base64url'), key: makeSecret() }] }),
};

/** Keys of the other services: made when first asked for, and from then on the same for all replicas. */
export class ServiceKeys {
  constructor(
    private readonly database: Database,
    private readonly barrier: Barrier,
  ) {}

  async authKeys(): Promise<z.output<typeof AuthKeys>> {
    return { ...(await this.get(AUTH_KEYS)), transport: await this.get(AUTH_TRANSPORT) };
  }

  sessionKeys(): Promise<z.output<typeof SessionKeys>> {
    return this.get(SESSION_KEYS);
  }

  private async get<Schema extends z.ZodType>(wanted: KeyKind<Schema>): Promise<z.output<Schema>> {
    const { kind, schema } = wanted;
    return this.database.acrossTenants(async (manager) => {
      if (!(await manager.existsBy(ServiceKey, { kind }))) await this.make(manager, wanted);
      const { record } = await manager.findOneByOrFail(ServiceKey, { kind });
      const content = await this.barrier.open(manager, placeOf(kind), record);
      const keys = schema.parse(JSON.parse(content.toString()));
      content.fill(0);
      return keys;
    });
  }

  /** Two vaults may come here at once: the first to commit wins, and both go on with its keys. */
  private async make(manager: EntityManager, { kind, make }: KeyKind<z.ZodType>): Promise<void> {
    const content = Buffer.from(JSON.stringify(await make()));
    const record = await this.barrier.seal(manager, placeOf(kind), content);
    content.fill(0);
    await manager
      .createQueryBuilder()
      .insert()
      .into(ServiceKey)
      .values({ kind, record })
      .orIgnore()
      .execute();
  }
}

/** These keys are no tenant's: '' is the name of none. */
function placeOf(kind: string): Place {
  return { tenant: '', subject: '', server: '', kind };
}

function makeSecret(): string {
  return randomBytes(32).toString('base64url');
}
