import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { personOf } from './account.js';
import type { SessionAge } from '../sso/session-age.js';
import { parseResource } from './requests/resource.js';

const { base, Check } = interactionPolicy;

/** When a person is asked to sign in, and when to approve. */
export function interactions(origin: string, age: SessionAge): interactionPolicy.DefaultPolicy {
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
  policy
    .get('login')
    ?.checks.add(
      new Check('session_over', 'the session is too old, or its way in is closed', 'login_required', (ctx) =>
        age.over(ctx),
      ),
    );
  // Ours is remembered per redirect URI too; the engine's own would ask a native client's user every time.
  policy.get('consent')?.checks.remove('native_client_prompt');
  return policy;
}

function tenantOf(ctx: KoaContextWithOIDC, origin: string): string | undefined {
  const resource = parseResource(origin, String(ctx.oidc.params?.['resource']));
  return resource?.kind === 'server' ? resource.tenant : undefined;
}
