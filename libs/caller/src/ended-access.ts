import type { Bus } from '@gatehouse/bus';
import { accessEnded, listEndedAccess, type AccessEnded } from '@gatehouse/contracts';
import { LONGEST_TOKEN_LIFE } from './access-tokens.js';
import type { Caller } from './caller.js';

const KEEP_MOST = 10_000;
/** How long, after a lost connection, tokens are judged by what is known while auth cannot be asked for what was missed. */
const BEHIND_MS = 60_000;
const AGAIN_MS = 1_000;

/** Where there is a generation, it decides instead of the time (see `AccessEnded`). */
type Ending = Pick<AccessEnded, 'before' | 'generation'>;

/** Access that ended before its tokens did: pushed by auth, and asked for whenever events may have been missed. */
export class EndedAccess {
  /** By `tenant kind id`. */
  private readonly ended = new Map<string, Ending>();
  /** Since when, in ms since the epoch, events may have been missed; null: never. */
  private behindSince: number | null = -Infinity;
  private readonly heard: Array<(item: AccessEnded) => void> = [];
  private readonly caughtUp: Array<() => void> = [];

  constructor(private readonly bus: Bus) {
    bus.subscribe(accessEnded, (item) => {
      this.add(item);
      for (const listener of this.heard) listener(item);
    });
    bus.onReconnect(() => {
      this.behindSince ??= Date.now();
      this.catchUpAgain();
    });
  }

  onEnded(listener: (item: AccessEnded) => void): void {
    this.heard.push(listener);
  }

  /** Calls back when something may have ended without {@link onEnded} having told. */
  onCaughtUp(listener: () => void): void {
    this.caughtUp.push(listener);
  }

  /** Asks for what ended so far: at start and after a lost connection. */
  async catchUp(): Promise<void> {
    const { items } = await this.bus.request(listEndedAccess, {});
    for (const item of items) this.add(item);
    this.behindSince = null;
    for (const listener of this.caughtUp) listener();
  }

  /** @throws a 503 failure if what ended is not known well enough to judge by, and auth cannot be asked */
  async beKnown(): Promise<void> {
    if (this.behindSince !== null && Date.now() - this.behindSince > BEHIND_MS) await this.catchUp();
  }

  /** Whether a token's access has ended. */
  has(caller: Caller): boolean {
    if (this.ended.size === 0) return false;
    return Object.entries(idsOf(caller)).some(([kind, id]) => {
      const ending = this.ended.get(`${caller.tenant} ${kind} ${id}`);
      if (ending === undefined) return false;
      const { before, generation } = ending;
      return generation === undefined ? caller.issuedAt <= before : caller.generation < generation;
    });
  }

  /** A bus that is back may be there before auth is. */
  private catchUpAgain(): void {
    this.catchUp().catch(() => setTimeout(() => this.catchUpAgain(), AGAIN_MS).unref());
  }

  private add({ tenant, kind, id, before, generation }: AccessEnded): void {
    const key = `${tenant} ${kind} ${id}`;
    const known = this.ended.get(key) ?? { before, generation };
    this.ended.set(key, {
      before: Math.max(before, known.before),
      generation: latest(generation, known.generation),
    });
    if (this.ended.size > KEEP_MOST) this.forgetOld();
  }

  /** Drops what no token is old enough to offend against. */
  private forgetOld(): void {
    const oldest = Date.now() / 1_000 - 2 * LONGEST_TOKEN_LIFE;
    for (const [key, { before }] of this.ended) if (before < oldest) this.ended.delete(key);
  }
}

/** Whether what ended is this caller's, however old the token: then it has to be asked about anew. */
export function concerns({ tenant, kind, id }: AccessEnded, caller: Caller): boolean {
  return caller.tenant === tenant && idsOf(caller)[kind] === id;
}

/** What of a token access can end by. */
function idsOf(caller: Caller): Record<AccessEnded['kind'], string> {
  return {
    subject: caller.subject.id,
    token: caller.tokenId,
    grant: caller.grant,
    client: caller.client.id,
  };
}

function latest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}
