import type { Request } from 'express';
import { Provider, type Adapter, type AdapterFactory, type AdapterPayload } from 'oidc-provider';
import type { Clients } from '../clients/clients.store.js';
import { isDocumentUrl } from '../clients/documents/document.js';
import type { ClientDocuments } from '../clients/documents/documents.js';
import type { GrantEnd, OidcState } from './oidc-state.store.js';

export interface AdapterParts {
  readonly state: OidcState;
  readonly clients: Clients;
  readonly documents: ClientDocuments;
}

/** How the engine reaches its state: it makes one adapter for each of its models. */
export function adapterFor(parts: AdapterParts): AdapterFactory {
  return (model) => (model === 'Client' ? clientAdapter(parts) : stateAdapter(model, parts));
}

function stateAdapter(model: string, { state, clients }: AdapterParts): Adapter {
  return {
    ...NOT_OURS,
    // each model has a lifetime: see ttl
    async upsert(id, payload, expiresIn = 0) {
      await state.save(model, id, { payload, expiresIn, predecessor: replacedToken(model) });
      if (model === 'RefreshToken' && payload.clientId) await clients.used(payload.clientId);
    },
    find: (id) => state.find(model, id),
    findByUid: (uid) => state.findSession(uid),
    consume: (id) => state.consume(model, id),
    destroy: (id) => (model === 'Grant' ? state.endGrant(id, whyItEnds()) : state.remove(model, id)),
  };
}

function clientAdapter({ clients, documents }: AdapterParts): Adapter {
  return {
    ...NOT_OURS,
    upsert: (id, payload) => clients.register(id, payload),
    async find(id) {
      if (isDocumentUrl(id)) return documents.find(id, (Provider.ctx?.req as Request | undefined)?.ip ?? '');
      return (await clients.find(id))?.metadata as AdapterPayload | undefined;
    },
  };
}

/** What the engine never asks for, as it is set up. */
const NOT_OURS: Adapter = {
  upsert: () => Promise.resolve(),
  find: () => Promise.resolve(undefined),
  findByUid: () => Promise.resolve(undefined),
  findByUserCode: () => Promise.resolve(undefined),
  consume: () => Promise.resolve(),
  destroy: () => Promise.resolve(),
  // The engine ends the grant itself too, and that takes everything with it.
  revokeByGrantId: () => Promise.resolve(),
};

function replacedToken(model: string): string | undefined {
  return model === 'RefreshToken' ? Provider.ctx?.oidc.entities.RotatedRefreshToken?.jti : undefined;
}

/** The engine ends a grant when a client revokes it, and when what was used up is used again. */
function whyItEnds(): GrantEnd {
  const oidc = Provider.ctx?.oidc;
  if (oidc?.route !== 'token') return 'grant.revoked';
  return oidc.params?.['grant_type'] === 'refresh_token' ? 'refresh_token.replayed' : 'code.replayed';
}
