import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Bus } from '@gatehouse/bus';
import { introspectToken } from '@gatehouse/contracts';
import { unauthenticated } from './bearer-token.js';
import type { Caller } from './caller.js';
import { EndedAccess } from './ended-access.js';

const KEEP_MS = 30_000;
const KEEP_AT_MOST = 10_000;

/** Verdicts of the auth service on personal access tokens, kept for 30 s at most, by the token's hash. */
@Injectable()
export class PersonalAccessTokens {
  private readonly verdicts = new Map<string, { caller: Caller; until: number }>();
  private generation = 0;

  constructor(
    private readonly bus: Bus,
    endedAccess: EndedAccess,
  ) {
    endedAccess.onChange(() => this.forget());
  }

  /** @throws Failure `auth.unknown_token`, or what keeps the auth service from answering */
  async introspect(token: string): Promise<Caller> {
    const hash = createHash('sha256').update(token).digest('base64url');
    const known = this.verdicts.get(hash);
    if (known && known.until > Date.now()) return known.caller;
    const { generation } = this;
    const found = await this.bus.request(introspectToken, { hash });
    const expires = found.expires === null ? Infinity : Date.parse(found.expires);
    if (!(expires > Date.now())) throw unauthenticated();
    const { tenant, subject, teams, admin } = found;
    const caller = { tenant, subject, teams, admin };
    // an answer that was under way while access ended may be from before: good for this call, not to keep
    if (generation === this.generation) this.keep(hash, caller, Math.min(expires, Date.now() + KEEP_MS));
    return caller;
  }

  private keep(hash: string, caller: Caller, until: number): void {
    if (this.verdicts.size >= KEEP_AT_MOST) this.verdicts.clear();
    this.verdicts.set(hash, { caller, until });
  }

  private forget(): void {
    this.generation += 1;
    this.verdicts.clear();
  }
}
