import { Handle } from '@gatehouse/bus';
import { Failure, introspectToken } from '@gatehouse/contracts';
import { Log } from '../log.js';
import { ServiceAccountTokens } from '../machines/service-account-tokens.store.js';
import { ServiceAccounts } from '../machines/service-accounts.store.js';
import { ownerOf } from './token-owner.js';
import { PersonalAccessTokens } from './personal-access-token.store.js';

/** Milliseconds between two notes of a token's use: not every call is worth a write. */
const USE_NOTED_EVERY_MS = 60_000;

@Handle(introspectToken)
export class IntrospectToken {
  constructor(
    private readonly personal: PersonalAccessTokens,
    private readonly machines: ServiceAccountTokens,
    private readonly accounts: ServiceAccounts,
    private readonly log: Log,
  ) {}

  async handle({ hash }: { hash: string }) {
    return (await this.ofPerson(hash)) ?? (await this.ofMachine(hash)) ?? unknown();
  }

  private async ofPerson(hash: string) {
    const found = await this.personal.find(hash);
    if (!found) return null;
    const { token, person } = found;
    this.noteUse(token.lastUsed, () => this.personal.noteUse(token));
    return ownerOf(person, { token: token.id, expires: token.expires });
  }

  private async ofMachine(hash: string) {
    const found = await this.machines.find(hash);
    if (!found) return null;
    const { token, account } = found;
    this.noteUse(token.lastUsed, () => this.machines.noteUse(token));
    this.noteUse(account.lastUsed, () => this.accounts.noteUse(account.tenant, account.id));
    return ownerOf(account, { token: token.id, expires: token.expires });
  }

  /** Nobody waits for it, and nobody fails by it. */
  private noteUse(last: Date | null, note: () => Promise<void>): void {
    if (Date.now() - (last?.getTime() ?? 0) < USE_NOTED_EVERY_MS) return;
    note().catch((error: unknown) => this.log.warn({ err: error }, "a token's use was not noted"));
  }
}

function unknown(): never {
  throw new Failure('auth.unknown_token');
}
