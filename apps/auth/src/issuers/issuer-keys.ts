import { Injectable } from '@nestjs/common';
import { Failure, type Issuer } from '@gatehouse/contracts';
import { Outbound, whyUnreachable } from '@gatehouse/outbound';
import { createLocalJWKSet, createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { Log } from '../log.js';
import type { RegisteredIssuer } from './issuers.store.js';

/** Keys are fetched again when they are so old, so that one that was withdrawn is not believed for ever. */
const KEEP_MS = 10 * 60_000;
/** A `kid` that is not among them makes us look again, but no more often than this. */
const UNKNOWN_KID_MS = 30_000;
/** After a fetch that failed, where there are no keys at all. */
const RETRY_MS = 5_000;

const KeySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });
const Discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });

/** The public keys of registered issuers: given with the registration, or fetched and kept. */
@Injectable()
export class IssuerKeys {
  private readonly kept = new Map<string, { id: string; keys: JWTVerifyGetKey }>();

  constructor(
    private readonly outbound: Outbound,
    private readonly log: Log,
  ) {}

  /** Finds keys; rejects with Failure `auth.issuer_unreachable` if they cannot be had. */
  of({ id, tenant, registration }: RegisteredIssuer): JWTVerifyGetKey {
    const name = `${tenant}/${registration.name}`;
    const known = this.kept.get(name);
    if (known?.id === id) return known.keys;
    const keys = registration.jwks ? createLocalJWKSet(registration.jwks) : this.remote(registration);
    this.kept.set(name, { id, keys });
    return keys;
  }

  private remote(issuer: Issuer): JWTVerifyGetKey {
    let failedAt = 0;
    const keys = createRemoteJWKSet(new URL(issuer.issuer), {
      cacheMaxAge: KEEP_MS,
      cooldownDuration: UNKNOWN_KID_MS,
      [customFetch]: async () => {
        // The library counts from the last success only: an issuer that is down would be asked by every token.
        const pause = keys.fresh ? UNKNOWN_KID_MS : RETRY_MS;
        if (Date.now() - failedAt < pause) throw new Failure('auth.issuer_unreachable');
        try {
          return Response.json(await this.fetchKeys(issuer));
        } catch (error) {
          failedAt = Date.now();
          this.log.warn({ issuer: issuer.name, err: error }, `the issuer ${whyUnreachable(error)}`);
          throw new Failure('auth.issuer_unreachable', undefined, { cause: error });
        }
      },
    });
    return keys;
  }

  private async fetchKeys({ issuer, jwks_uri: uri }: Issuer): Promise<z.output<typeof KeySet>> {
    return KeySet.parse(await this.fetchJson(uri ?? (await this.discover(issuer))));
  }

  /** OpenID Connect Discovery 1.0, section 4: the document's own `issuer` must be the one that was asked. */
  private async discover(issuer: string): Promise<string> {
    const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const found = Discovery.parse(await this.fetchJson(url));
    if (found.issuer !== issuer) throw new Error('the discovery document is of another issuer');
    return found.jwks_uri;
  }

  private async fetchJson(url: string): Promise<unknown> {
    const response = await this.outbound.fetch(url, { headers: { accept: 'application/json' } });
    if (response.status === 200) return response.json();
    await response.body?.cancel();
    throw new Error(`HTTP status ${response.status}`);
  }
}
