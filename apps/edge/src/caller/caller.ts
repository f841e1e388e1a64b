import type { Subject } from '@gatehouse/contracts';

/** Who is calling, as proven by a token. */
export interface Caller {
  readonly tenant: string;
  readonly subject: Subject;
  readonly teams: readonly string[];
  /** The token's id (`jti`, or the id of a personal access token), never its value. */
  readonly tokenId: string;
  /** The OAuth grant behind the token; empty for a personal access token. */
  readonly grant: string;
  readonly client: { readonly id: string; readonly name: string };
  /** Null: not limited by scopes (personal access tokens act as their owner). */
  readonly scopes: ReadonlySet<string> | null;
  /** Seconds since the epoch: `iat` of the token (Infinity where auth was asked just now), and its end. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** What a session, a lease of one's own or a stream is bound to: the same person through another client is another principal. */
export function principalOf(caller: Caller): string {
  return JSON.stringify([caller.tenant, caller.subject.type, caller.subject.id, caller.client.id]);
}
