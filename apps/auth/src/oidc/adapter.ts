import { Provider, type Adapter, type AdapterFactory } from 'oidc-provider';
import type { OidcState } from './oidc-state.store.js';

/** How the engine reaches {@link OidcState}: it makes one adapter for each of its models. */
export function adapterFor(state: OidcState): AdapterFactory {
  return (model): Adapter => ({
    upsert: (id, payload, expiresIn) =>
      state.save(model, id, { payload, expiresIn, predecessor: replacedToken(model) }),
    find: (id) => state.find(model, id),
    findByUid: (uid) => state.findSession(uid),
    findByUserCode: () => Promise.resolve(undefined),
    consume: (id) => state.consume(model, id),
    destroy: (id) => (model === 'Grant' ? state.endGrant(id) : state.remove(model, id)),
    // The engine ends the grant itself too, and that takes everything with it.
    revokeByGrantId: () => Promise.resolve(),
  });
}

function replacedToken(model: string): string | undefined {
  return model === 'RefreshToken' ? Provider.ctx?.oidc.entities.RotatedRefreshToken?.jti : undefined;
}
