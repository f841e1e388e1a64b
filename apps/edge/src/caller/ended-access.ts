import { accessEnded, listEndedAccess, type AccessEnded } from '@gatehouse/contracts';
import type { Bus } from '@gatehouse/bus';
import { LONGEST_TOKEN_LIFE } from './access-token.js';
import type { Caller } from './caller.js';

const KEEP_MOST = 10_000;

/** Access that ended before its tokens did: pushed by auth, and asked for whenever events may have been missed. */
export class EndedAccess {
  /** `kind id` -> the latest `before`, in seconds since the epoch. */
  private readonly ended = new Map<string, number>();

  constructor(private readonly bus: Bus) {}

  /** Hears what ends from now on. */
  listen(onEnded: (item: AccessEnded) => void): void {
    this.bus.subscribe(accessEnded, (item) => {
      this.add(item);
      onEnded(item);
    });
  }

  /** Asks for what ended so far: at start and after a lost connection. */
  async catchUp(): Promise<void> {
    const { items } = await this.bus.request(listEndedAccess, {});
    for (const item of items) this.add(item);
  }

  has(caller: Caller): boolean {
    if (this.ended.size === 0) return false;
    return (
      this.endedFor(caller, 'subject', caller.subject.id) ||
      this.endedFor(caller, 'token', caller.tokenId) ||
      this.endedFor(caller, 'grant', caller.grant) ||
      this.endedFor(caller, 'client', caller.client.id)
    );
  }

  private endedFor({ tenant, issuedAt }: Caller, kind: AccessEnded['kind'], id: string): boolean {
    const before = this.ended.get(`${tenant} ${kind} ${id}`);
    return before !== undefined && issuedAt <= before;
  }

  private add({ tenant, kind, id, before }: AccessEnded): void {
    const key = `${tenant} ${kind} ${id}`;
    this.ended.set(key, Math.max(before, this.ended.get(key) ?? 0));
    if (this.ended.size > KEEP_MOST) this.forgetOld();
  }

  /** Drops what no token is old enough to offend against. */
  private forgetOld(): void {
    const oldest = Date.now() / 1_000 - 2 * LONGEST_TOKEN_LIFE;
    for (const [key, before] of this.ended) if (before < oldest) this.ended.delete(key);
  }
}

/** Whether what ended is this caller's, however old the token: then it has to be asked about anew. */
export function concerns({ tenant, kind, id }: AccessEnded, caller: Caller): boolean {
  const ids = {
    subject: caller.subject.id,
    token: caller.tokenId,
    grant: caller.grant,
    client: caller.client.id,
  };
  return caller.tenant === tenant && ids[kind] === id;
}
