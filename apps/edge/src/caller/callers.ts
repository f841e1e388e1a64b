import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Failure, introspectToken, TOKEN_PREFIX, type AccessEnded } from '@gatehouse/contracts';
import type { Bus } from '@gatehouse/bus';
import type { AccessTokens } from './access-token.js';
import type { Caller } from './caller.js';
import { concerns, type EndedAccess } from './ended-access.js';

/** How long a verdict on a token is kept at most. Verifying a signature costs more than the whole proxied request. */
const KEEP_MS = 60_000;
const KEEP_MOST = 50_000;

/** Where a token is presented: the server's URL, and the tenant in it. */
export interface Audience {
  readonly resource: string;
  readonly tenant: string;
}

interface Verdict {
  readonly caller: Caller;
  readonly until: number;
}

/** Tells who is calling, from the bearer token; remembers the answer. */
export class Callers {
  private readonly verdicts = new Map<string, Verdict>();
  private readonly asking = new Map<string, Promise<Caller>>();
  /** Rises whenever access ended: an answer that was asked for before is used once and not kept. */
  private generation = 0;

  constructor(
    private readonly bus: Bus,
    private readonly accessTokens: AccessTokens,
    private readonly ended: EndedAccess,
  ) {}

  /** Forgets every verdict: some access may have ended without our hearing of it. */
  forget(): void {
    this.verdicts.clear();
    this.generation++;
  }

  /** Forgets the verdicts which an ended access concerns; everybody else's calls stay warm. */
  drop(item: AccessEnded): void {
    for (const [key, { caller }] of this.verdicts) if (concerns(item, caller)) this.verdicts.delete(key);
    this.generation++;
  }

  /**
   * The caller if the verdict is at hand, else a promise of it.
   *
   * @throws Failure `caller.unauthenticated`; a 503 failure where our own trouble keeps us from knowing
   */
  identify(request: IncomingMessage, audience: Audience): Caller | Promise<Caller> {
    const token = bearerToken(request);
    const key = hash('sha256', token, 'base64url') + audience.resource;
    const verdict = this.verdicts.get(key);
    if (verdict !== undefined && verdict.until > Date.now()) return verdict.caller;
    return this.asking.get(key) ?? this.ask(key, token, audience);
  }

  private ask(key: string, token: string, audience: Audience): Promise<Caller> {
    const { generation } = this;
    const answer = this.verify(token, audience)
      .then((caller) => this.accept(caller, audience))
      .then((caller) => this.keep(key, caller, generation))
      .finally(() => this.asking.delete(key));
    this.asking.set(key, answer);
    return answer;
  }

  private verify(token: string, audience: Audience): Promise<Caller> {
    return token.startsWith(TOKEN_PREFIX.personalAccessToken)
      ? this.introspect(token)
      : this.accessTokens.verify(token, audience.resource);
  }

  private accept(caller: Caller, audience: Audience): Caller {
    if (caller.tenant !== audience.tenant || this.ended.has(caller))
      throw new Failure('caller.unauthenticated');
    return caller;
  }

  private keep(key: string, caller: Caller, generation: number): Caller {
    if (generation !== this.generation) return caller;
    if (this.verdicts.size >= KEEP_MOST) this.verdicts.clear();
    this.verdicts.set(key, { caller, until: Math.min(Date.now() + KEEP_MS, caller.expiresAt * 1_000) });
    return caller;
  }

  private async introspect(token: string): Promise<Caller> {
    const found = await this.bus
      .request(introspectToken, { hash: hash('sha256', token, 'base64url') })
      .catch((error: unknown) => {
        const unknown = error instanceof Failure && error.code === 'auth.unknown_token';
        throw unknown ? new Failure('caller.unauthenticated') : error;
      });
    return {
      tenant: found.tenant,
      subject: found.subject,
      teams: found.teams,
      tokenId: found.token,
      grant: '',
      client: { id: '', name: 'personal access token' },
      scopes: null,
      issuedAt: Infinity,
      expiresAt: found.expires === null ? Infinity : Date.parse(found.expires) / 1_000,
    };
  }
}

/**
 * The token in the Authorization header (RFC 6750 section 2.1), of which there is one at most (`faultOfHeaders`).
 *
 * @throws Failure `caller.unauthenticated` if there is none that can be read
 */
export function bearerToken(request: IncomingMessage): string {
  const match = /^bearer +([\w.~+/-]+=*) *$/i.exec(request.headers.authorization ?? '');
  if (match?.[1] === undefined) throw new Failure('caller.unauthenticated');
  return match[1];
}
