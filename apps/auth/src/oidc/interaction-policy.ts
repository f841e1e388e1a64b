import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { personOf } from './account.js';
import { parseResource } from './requests/resource.js';

const { base, Check } = interactionPolicy;

/** When a person is asked to sign in, and when to approve. */
export function interactions(origin: string): interactionPolicy.DefaultPolicy {
  const policy = base();
  policy.get('login')?.checks.add(
    new Check('no_account', 'the account is gone or suspended', 'login_required', (ctx) => {
      return ctx.oidc.session?.accountId !== undefined && personOf(ctx) === undefined;
    }),
  );
  policy.get('login')?.checks.add(
    new Check('other_tenant', 'signed in to another organisation', 'login_required', (ctx) => {
      const person = personOf(ctx);
      const tenant = tenantOf(ctx, origin);
      return person !== undefined && tenant !== undefined && person.tenant !== tenant;
    }),
  );
  // Ours is remembered per redirect URI too; the engine's own would ask a native client's user every time.
  policy.get('consent')?.checks.remove('native_client_prompt');
  return policy;
}

function tenantOf(ctx: KoaContextWithOIDC, origin: string): string | undefined {
  const resource = parseResource(origin, String(ctx.oidc.params?.['resource']));
  return resource?.kind === 'server' ? resource.tenant : undefined;
}
