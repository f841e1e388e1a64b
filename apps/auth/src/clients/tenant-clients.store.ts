import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Failure, type AccessEnded, type Client, type ClientSettings } from '@gatehouse/contracts';
import { Database } from '@gatehouse/persistence';
import { errors } from 'oidc-provider';
import type { EntityManager } from 'typeorm';
import { ApprovalRow } from '../oidc/oidc.entity.js';
import { normalizeRegistration } from '../oidc/requests/registration.js';
import { digest } from '../opaque-secret.js';
import { SecurityEvents } from '../security-events/security-events.store.js';
import { EndedAccess } from '../tokens/ended-access.store.js';
import { BlockedClientRow, ClientRow } from './clients.entity.js';
import { Clients } from './clients.store.js';
import { isDocumentUrl } from './documents/document.js';
import { findClients } from './find-clients.store.js';

/** Tokens that were being made while the client's access was taken may be a little ahead, in seconds. */
const RACE_SECONDS = 1;

export interface ClientOf {
  readonly tenant: string;
  readonly id: string;
  readonly by: string;
}

export interface NewClient {
  readonly tenant: string;
  readonly by: string;
  readonly settings: ClientSettings;
  readonly authentication: Client['authentication'];
  readonly secret: string | null;
}

/** The clients of a tenant, in its administrators' hands. */
@Injectable()
export class TenantClients {
  constructor(
    private readonly database: Database,
    private readonly endedAccess: EndedAccess,
    private readonly events: SecurityEvents,
    private readonly clients: Clients,
  ) {}

  /** @throws Failure `auth.invalid_client_metadata` */
  async create({ tenant, by, settings, authentication, secret }: NewClient): Promise<Client> {
    const id = randomBytes(16).toString('base64url');
    const metadata = {
      ...metadataOf(settings, authentication),
      client_id: id,
      token_endpoint_auth_method: authentication,
      ...(secret === null ? {} : { client_secret: digest(secret) }),
    };
    return this.database.acrossTenants(async (manager) => {
      await manager.insert(ClientRow, { id, tenant, source: 'administrator', metadata });
      await this.note(manager, 'client.created', { tenant, id, by });
      return this.one(manager, tenant, id);
    });
  }

  list(page: { tenant: string; limit: number; after: string | null }): Promise<Client[]> {
    return this.database.acrossTenants((manager) => findClients(manager, page));
  }

  /** @throws Failure `auth.unknown_client` */
  show(tenant: string, id: string): Promise<Client> {
    return this.database.acrossTenants((manager) => this.one(manager, tenant, id));
  }

  /** @throws Failure `auth.unknown_client`, for a client that no administrator of the tenant made too */
  async change(who: ClientOf, changes: Partial<ClientSettings>): Promise<Client> {
    const { tenant, id } = who;
    return this.database.acrossTenants(async (manager) => {
      const before = await this.one(manager, tenant, id);
      const row = await manager.findOneBy(ClientRow, { id, tenant });
      if (!row)
        throw new Failure('auth.unknown_client', 'Only clients that an administrator made can be changed.');
      const changed = metadataOf({ ...before, ...defined(changes) }, before.authentication);
      await manager.update(ClientRow, { id }, { metadata: { ...row.metadata, ...changed } });
      await this.note(manager, 'client.changed', who);
      return this.one(manager, tenant, id);
    });
  }

  /** @throws Failure `auth.unknown_client` */
  async delete(who: ClientOf): Promise<void> {
    const ended = await this.database.acrossTenants(async (manager) => {
      const { tenant, id } = who;
      await this.one(manager, tenant, id);
      await manager.delete(ClientRow, { tenant, id });
      await manager.delete(ApprovalRow, { tenant, client: id });
      await this.note(manager, 'client.deleted', who);
      return this.end(manager, who);
    });
    this.endedAccess.tell(ended);
  }

  /** @throws Failure `auth.unknown_client`; a document can be blocked before anybody has asked for it */
  async block(who: ClientOf, blocked: boolean): Promise<Client> {
    const { tenant, id } = who;
    const { client, ended } = await this.database.acrossTenants(async (manager) => {
      if (!isDocumentUrl(id)) await this.one(manager, tenant, id);
      if (blocked)
        await manager.upsert(BlockedClientRow, { tenant, client: id, blocked: new Date() }, [
          'tenant',
          'client',
        ]);
      const client = await this.one(manager, tenant, id);
      if (!blocked) await manager.delete(BlockedClientRow, { tenant, client: id });
      await this.note(manager, blocked ? 'client.blocked' : 'client.unblocked', who);
      return { client: { ...client, blocked }, ended: blocked ? await this.end(manager, who) : null };
    });
    if (ended) this.endedAccess.tell(ended);
    return client;
  }

  /** Whether a person may use a client; if not, that is noted. */
  async admits(id: string, person: { readonly tenant: string; readonly id: string }): Promise<boolean> {
    if (await this.clients.permitted(id, person.tenant)) return true;
    const who = { tenant: person.tenant, id, by: person.id };
    await this.database.withTenant(person.tenant, (manager) => this.note(manager, 'client.refused', who));
    return false;
  }

  private async one(manager: EntityManager, tenant: string, id: string): Promise<Client> {
    const [client] = await findClients(manager, { tenant, id, limit: 1 });
    if (!client) throw new Failure('auth.unknown_client');
    return client;
  }

  /** Ends the grants that people of the tenant gave to the client, and says so to every edge. */
  private async end(manager: EntityManager, { tenant, id }: ClientOf): Promise<AccessEnded> {
    await manager.query(
      `WITH ended AS (
         DELETE FROM oidc_state WHERE model = 'Grant' AND payload->>'clientId' = $2
         AND payload->>'accountId' IN (SELECT id::text FROM person WHERE tenant = $1)
         RETURNING id
       ) DELETE FROM oidc_state WHERE grant_id IN (SELECT id FROM ended)`,
      [tenant, id],
    );
    const before = Math.floor(Date.now() / 1_000) + RACE_SECONDS;
    const ended = { tenant, kind: 'client', id, before } as const;
    await this.endedAccess.record(manager, ended);
    return ended;
  }

  private note(manager: EntityManager, kind: string, { tenant, id, by }: ClientOf): Promise<void> {
    return this.events.record(manager, { tenant, kind, subject: by, client: id });
  }
}

function metadataOf(settings: ClientSettings, authentication: Client['authentication']): object {
  const { name, redirectUris, jwksUri } = settings;
  if ((authentication === 'private_key_jwt') !== (jwksUri !== null))
    throw new Failure(
      'auth.invalid_client_metadata',
      'jwksUri belongs to clients that authenticate by private_key_jwt, and to no others.',
    );
  try {
    return {
      ...normalizeRegistration({ client_name: name, redirect_uris: redirectUris }),
      ...(jwksUri === null ? {} : { jwks_uri: jwksUri }),
    };
  } catch (error) {
    if (!(error instanceof errors.InvalidClientMetadata)) throw error;
    throw new Failure('auth.invalid_client_metadata', error.error_description);
  }
}

function defined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Partial<T>;
}
