import { Injectable } from '@nestjs/common';
import { Outbound } from '@gatehouse/outbound';
import { createRemoteJWKSet, customFetch as jwksFetch, type RemoteJWKSet } from 'jose';
import {
  allowInsecureRequests,
  ClientSecretBasic,
  ClientSecretPost,
  Configuration,
  customFetch,
  discovery,
  None,
  type ClientAuth,
  type ServerMetadata,
} from 'openid-client';
import { SignInRefused } from '../sign-in-refused.js';
import type { IdentityProviderRow } from '../sso.entity.js';
import { providerTrouble } from './provider-trouble.js';

/** Milliseconds after which a provider's metadata is fetched anew, and for which an old copy is good if that fails. */
const FRESH_MS = 10 * 60_000;
const USABLE_MS = 24 * 3_600_000;
const TIMEOUT_SECONDS = 8;

/** A provider's metadata, and its keys: fetched anew after ten minutes, and for an unknown `kid` once in 30 s. */
interface Discovered {
  readonly issuer: string;
  readonly metadata: ServerMetadata;
  readonly keys: RemoteJWKSet;
  readonly fetched: number;
}

export interface OpenIdProvider {
  readonly client: Configuration;
  readonly keys: RemoteJWKSet;
}

/** Speaks with identity providers, at addresses that {@link Outbound} lets through. */
@Injectable()
export class OpenIdProviders {
  private readonly discovered = new Map<string, Discovered>();

  constructor(private readonly outbound: Outbound) {}

  /**
   * @param secret our client secret there, where it is needed
   * @throws SignInRefused `unavailable` or `misconfigured`
   */
  async connect(row: IdentityProviderRow, secret: string | null = null): Promise<OpenIdProvider> {
    const { metadata, keys } = await this.discover(row);
    const client = new Configuration(metadata, row.settings.client_id, {}, clientAuth(metadata, secret));
    client[customFetch] = this.outbound.fetch;
    client.timeout = TIMEOUT_SECONDS;
    if (isHttp(row)) allowInsecureRequests(client);
    return { client, keys };
  }

  private async discover(row: IdentityProviderRow): Promise<Discovered> {
    const { issuer } = row.settings;
    const place = `${row.tenant}/${row.name}`;
    const found = this.discovered.get(place);
    const known = found?.issuer === issuer ? found : undefined;
    const age = known ? Date.now() - known.fetched : Infinity;
    if (known && age < FRESH_MS) return known;
    try {
      const fresh = await this.fetch(row, known);
      this.discovered.set(place, fresh);
      return fresh;
    } catch (error) {
      if (known && age < USABLE_MS) return known;
      throw error;
    }
  }

  private async fetch(row: IdentityProviderRow, before: Discovered | undefined): Promise<Discovered> {
    const { issuer, client_id } = row.settings;
    const found = await discovery(new URL(issuer), client_id, undefined, None(), {
      [customFetch]: this.outbound.fetch,
      timeout: TIMEOUT_SECONDS,
      execute: isHttp(row) ? [allowInsecureRequests] : [],
    }).catch((error: unknown) => {
      throw providerTrouble(error, 'discovery');
    });
    const metadata = found.serverMetadata();
    // The library lets Microsoft's common issuer pass for that of any tenant.
    if (new URL(metadata.issuer).href !== new URL(issuer).href)
      throw new SignInRefused('misconfigured', `discovery: the issuer there calls itself ${metadata.issuer}`);
    const { jwks_uri } = metadata;
    if (jwks_uri === undefined) throw new SignInRefused('misconfigured', 'discovery: there is no jwks_uri');
    const same = before?.metadata.jwks_uri === jwks_uri;
    return { issuer, metadata, keys: same ? before.keys : this.keysAt(jwks_uri), fetched: Date.now() };
  }

  private keysAt(address: string): RemoteJWKSet {
    return createRemoteJWKSet(new URL(address), { [jwksFetch]: this.outbound.fetch });
  }
}

/** Form fields rather than HTTP Basic where both will do: some providers decode Basic wrongly (RFC 6749, 2.3.1). */
function clientAuth(metadata: ServerMetadata, secret: string | null): ClientAuth {
  if (secret === null) return None();
  const methods = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  return methods.includes('client_secret_post') ? ClientSecretPost(secret) : ClientSecretBasic(secret);
}

/** Plain HTTP is for a provider on this machine alone: see IdentityProvider. */
function isHttp({ settings }: IdentityProviderRow): boolean {
  return settings.issuer.startsWith('http:');
}
