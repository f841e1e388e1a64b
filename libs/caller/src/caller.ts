import type { Subject } from '@gatehouse/contracts';

/** Who is calling, as proven by a token. */
export interface Caller {
  readonly tenant: string;
  readonly subject: Subject;
  readonly teams: readonly string[];
  readonly admin: boolean;
  /** The token's id (`jti`, or the id of an opaque token), never its value. */
  readonly tokenId: string;
  /** The OAuth grant behind the token; empty where there is none. */
  readonly grant: string;
  /** The OAuth client. For a JWT of a registered issuer: the issuer. The id of an opaque token's client is empty. */
  readonly client: { readonly id: string; readonly name: string };
  /** Null: not limited by scopes (whoever holds it acts as its owner). */
  readonly scopes: ReadonlySet<string> | null;
  /** Seconds since the epoch: `iat` of the token (Infinity where auth was asked just now), and its end. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** Claim `gen`, see `AccessEnded` (Infinity where auth was asked just now). */
  readonly generation: number;
}

/** What a session, a lease of one's own or a stream is bound to: the same person through another client is another principal. */
export function principalOf(caller: Caller): string {
  return JSON.stringify([caller.tenant, caller.subject.type, caller.subject.id, caller.client.id]);
}
