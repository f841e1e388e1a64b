import { hash } from 'node:crypto';
import type { Bus } from '@gatehouse/bus';
import { Failure, TOKEN_PREFIX, type AccessEnded } from '@gatehouse/contracts';
import { decodeJwt, errors } from 'jose';
import { z } from 'zod';
import { AccessTokens } from './access-tokens.js';
import type { Caller } from './caller.js';
import { concerns, EndedAccess } from './ended-access.js';
import { SigningKeys } from './signing-keys.js';
import { TokenOwners } from './token-owners.js';

/** How long a verdict on a token is kept at most. Verifying a signature costs more than the whole proxied request. */
const KEEP_MS = 60_000;
const KEEP_MOST = 50_000;
const OPAQUE = [TOKEN_PREFIX.personalAccessToken, TOKEN_PREFIX.serviceAccountToken];

/** A token that says nothing by itself: what it is good for is known to auth alone. */
export function isOpaque(token: string): boolean {
  return OPAQUE.some((prefix) => token.startsWith(prefix));
}

/** What a token is presented for. */
export interface TokenUse {
  /** The resource's URL: the audience that an access token must have. */
  readonly resource: string;
  /** The tenant in the address; null where the token alone says it. */
  readonly tenant: string | null;
}

interface Verdict {
  readonly caller: Caller;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/**
 * Tells who is calling, from a token of any kind; remembers the answer, and forgets it when access ends.
 *
 * Without a word from auth: right after the start nobody is known; after a lost connection, calls go on for a minute.
 */
export class Callers {
  private readonly verdicts = new Map<string, Verdict>();
  private readonly asking = new Map<string, Promise<Caller>>();
  private readonly accessTokens: AccessTokens;
  private readonly owners: TokenOwners;
  private readonly ended: EndedAccess;
  /** Rises whenever access ended: an answer that was asked for before is not kept. */
  private endings = 0;

  /** @param issuer of our own access tokens: the public origin */
  constructor(
    bus: Bus,
    private readonly issuer: string,
  ) {
    this.accessTokens = new AccessTokens(new SigningKeys(bus), issuer);
    this.owners = new TokenOwners(bus);
    this.ended = new EndedAccess(bus);
    this.ended.onEnded((item) => this.drop(item));
    this.ended.onCaughtUp(() => this.forget());
  }

  /** Learns what ended so far. Who does not call it makes the first caller wait for it. */
  catchUp(): Promise<void> {
    return this.ended.catchUp();
  }

  /** Calls back whenever access ends, after its verdicts were dropped. */
  onEnded(listener: (item: AccessEnded) => void): void {
    this.ended.onEnded(listener);
  }

  /** Calls back when access may have ended of which {@link onEnded} did not tell. */
  onCaughtUp(listener: () => void): void {
    this.ended.onCaughtUp(listener);
  }

  /** Whether the access of somebody identified before has ended meanwhile. */
  hasEnded(caller: Caller): boolean {
    return this.ended.has(caller);
  }

  /**
   * The caller if the verdict is at hand, else a promise of it.
   *
   * @throws Failure `caller.unauthenticated` with the reason as its `cause`; a 503 failure where our own trouble
   * keeps us from knowing
   */
  identify(token: string, use: TokenUse): Caller | Promise<Caller> {
    const key = hash('sha256', token, 'base64url') + use.resource;
    const verdict = this.verdicts.get(key);
    if (verdict !== undefined && verdict.until > Date.now()) return verdict.caller;
    return this.asking.get(key) ?? this.ask(key, token, use);
  }

  private ask(key: string, token: string, use: TokenUse): Promise<Caller> {
    const answer = this.judge(key, token, use).finally(() => {
      if (this.asking.get(key) === answer) this.asking.delete(key);
    });
    this.asking.set(key, answer);
    return answer;
  }

  private async judge(key: string, token: string, use: TokenUse): Promise<Caller> {
    await this.ended.beKnown();
    const { endings } = this;
    const caller = await this.verify(token, use).catch((error: unknown) => {
      throw isBadToken(error) ? unauthenticated(error) : error;
    });
    this.check(caller, use);
    if (endings === this.endings) this.keep(key, caller);
    return caller;
  }

  private async verify(token: string, { resource, tenant }: TokenUse): Promise<Caller> {
    if (isOpaque(token)) return this.owners.introspect(token);
    const { iss: issuer = this.issuer } = decodeJwt(token);
    if (issuer === this.issuer || tenant === null) return this.accessTokens.verify(token, resource);
    return this.owners.verify(token, { tenant, issuer });
  }

  private check(caller: Caller, { tenant }: TokenUse): void {
    if (tenant !== null && caller.tenant !== tenant) throw unauthenticated(new Error('of another tenant'));
    if (this.ended.has(caller)) throw unauthenticated(new Error('its access has ended'));
  }

  private keep(key: string, caller: Caller): void {
    if (this.verdicts.size >= KEEP_MOST) this.verdicts.clear();
    this.verdicts.set(key, { caller, until: Math.min(Date.now() + KEEP_MS, caller.expiresAt * 1_000) });
  }

  private forget(): void {
    this.verdicts.clear();
    this.distrustAnswersUnderWay();
  }

  /** Everybody else's calls stay warm. */
  private drop(item: AccessEnded): void {
    for (const [key, { caller }] of this.verdicts) if (concerns(item, caller)) this.verdicts.delete(key);
    this.distrustAnswersUnderWay();
  }

  /** They may be from before: good for those who asked, not for those who come later. */
  private distrustAnswersUnderWay(): void {
    this.asking.clear();
    this.endings++;
  }
}

function isBadToken(error: unknown): boolean {
  const unknown = error instanceof Failure && error.code === 'auth.unknown_token';
  return unknown || error instanceof errors.JOSEError || error instanceof z.ZodError;
}

function unauthenticated(cause: unknown): Failure {
  return new Failure('caller.unauthenticated', undefined, { cause });
}
