import { Handle } from '@gatehouse/bus';
import { Failure, introspectToken } from '@gatehouse/contracts';
import { Log } from '../log.js';
import { PersonalAccessTokens } from './personal-access-token.store.js';
import type { PersonalAccessTokenRow } from './tokens.entity.js';

/** Milliseconds between two notes of a token's use: not every call is worth a write. */
const USE_NOTED_EVERY_MS = 60_000;

@Handle(introspectToken)
export class IntrospectToken {
  constructor(
    private readonly tokens: PersonalAccessTokens,
    private readonly log: Log,
  ) {}

  async handle({ hash }: { hash: string }) {
    const found = await this.tokens.find(hash);
    if (!found) throw new Failure('auth.unknown_token');
    const { token, person } = found;
    this.noteUse(token);
    return {
      tenant: person.tenant,
      subject: { type: 'user' as const, id: person.id, name: person.email },
      teams: [...person.teams],
      admin: person.admin,
      token: token.id,
      expires: token.expires?.toISOString() ?? null,
    };
  }

  /** Nobody waits for it, and nobody fails by it. */
  private noteUse(token: PersonalAccessTokenRow): void {
    if (Date.now() - (token.lastUsed?.getTime() ?? 0) < USE_NOTED_EVERY_MS) return;
    this.tokens.noteUse(token).catch((error: unknown) => {
      this.log.warn({ err: error, token: token.id }, "a token's use was not noted");
    });
  }
}
