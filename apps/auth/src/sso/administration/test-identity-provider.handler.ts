import { Handle } from '@gatehouse/bus';
import { testIdentityProvider } from '@gatehouse/contracts';
import { Provider } from 'oidc-provider';
import { clientCredentialsGrant, ResponseBodyError } from 'openid-client';
import type { z } from 'zod';
import { ClientSecrets } from '../providers/client-secrets.js';
import { IdentityProviders, type ProviderId } from '../providers/identity-providers.store.js';
import { OpenIdProviders, type OpenIdProvider } from '../providers/openid-providers.js';
import { scopeOf } from '../providers/presets.js';
import { providerTrouble } from '../providers/provider-trouble.js';
import { SignInRefused } from '../sign-in-refused.js';
import { CALLBACK_PATH } from '../single-sign-on.js';
import type { IdentityProviderRow } from '../sso.entity.js';

type Result = z.input<typeof testIdentityProvider.reply>;
type Step = [check: string, run: () => Promise<string>];

/** Asks a provider for what a sign-in needs of it, and says what is wrong. */
@Handle(testIdentityProvider)
export class TestIdentityProvider {
  constructor(
    private readonly provider: Provider,
    private readonly providers: IdentityProviders,
    private readonly openid: OpenIdProviders,
    private readonly secrets: ClientSecrets,
  ) {}

  async handle(id: ProviderId): Promise<Result> {
    const row = await this.providers.get(id);
    const checks: Result['checks'] = [];
    for (const [check, run] of this.steps(row)) {
      const outcome = await run().then((detail) => ({ ok: true, detail }), faultOf);
      checks.push({ check, ...outcome });
      // What follows needs what has failed.
      if (!outcome.ok) break;
    }
    const ok = checks.every((check) => check.ok);
    return { ok, redirect_uri: this.provider.issuer + CALLBACK_PATH, checks };
  }

  private steps(row: IdentityProviderRow): Step[] {
    return [
      ['discovery', async () => foundAt(await this.openid.connect(row))],
      ['keys', async () => this.keys(await this.openid.connect(row))],
      ['client', async () => this.client(row)],
    ];
  }

  private async keys({ keys }: OpenIdProvider): Promise<string> {
    await keys.reload().catch((error: unknown) => {
      throw providerTrouble(error, 'keys');
    });
    return `${keys.jwks()?.keys.length ?? 0} keys`;
  }

  /** By a grant for which no person is needed: who we are is checked before whether we may have it. */
  private async client(row: IdentityProviderRow): Promise<string> {
    if (!row.hasClientSecret) return 'no client secret is set: a public client, checked at the first sign-in';
    const { client } = await this.openid.connect(row, await this.secrets.lease(row));
    const scope = scopeOf(row.settings);
    const refused = await clientCredentialsGrant(client, { scope }).then(
      () => null,
      (error: unknown) => error,
    );
    if (refused === null) return 'the provider knows the client';
    if (refused instanceof ResponseBodyError && refused.error !== 'invalid_client')
      return 'the provider knows the client';
    throw providerTrouble(refused, 'token endpoint');
  }
}

function foundAt({ client }: OpenIdProvider): string {
  return `found ${client.serverMetadata().issuer}`;
}

function faultOf(error: unknown): { ok: false; detail: string } {
  if (error instanceof SignInRefused) return { ok: false, detail: error.why };
  throw error;
}
