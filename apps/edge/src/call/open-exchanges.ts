import type { Callers } from '@gatehouse/caller';
import type { AccessEnded } from '@gatehouse/contracts';
import { Refusal } from '../refusal.js';
import type { Snapshots } from '../snapshots.js';
import { decide, findServer } from './decide.js';
import type { Exchange } from './exchange.js';
import { identify } from './post-message.js';

/**
 * The requests that are being answered, standing streams among them. Whose access ends meanwhile, or who may not do
 * any more what they do, is cut off: the client's connection is closed, the upstream's request cancelled.
 */
export class OpenExchanges {
  private readonly open = new Set<Exchange>();
  /** Whose access has ended since the last review, as `tenant id`; null: anybody's may have. */
  private ended: Set<string> | null = new Set();
  private reviewing = false;

  constructor(
    private readonly callers: Callers,
    private readonly snapshots: Snapshots,
  ) {
    callers.onEnded((item) => this.onEnded(item));
    callers.onCaughtUp(() => {
      this.ended = null;
      this.reviewSoon();
    });
    snapshots.onChange(() => this.reviewSoon());
  }

  add(exchange: Exchange): void {
    this.open.add(exchange);
  }

  delete(exchange: Exchange): void {
    this.open.delete(exchange);
  }

  /** Looks at every one again. */
  review(): void {
    const { ended } = this;
    this.ended = new Set();
    this.reviewing = false;
    for (const exchange of this.open) this.look(exchange, ended);
  }

  private onEnded({ tenant, id }: AccessEnded): void {
    this.ended?.add(`${tenant} ${id}`);
    this.reviewSoon();
  }

  /** Once for all that is told in one turn: thousands of people may lose a team together. */
  private reviewSoon(): void {
    if (this.reviewing) return;
    this.reviewing = true;
    setImmediate(() => this.review());
  }

  private look(exchange: Exchange, ended: ReadonlySet<string> | null): void {
    const { caller } = exchange;
    if (caller === null) return; // is judged by what holds when it is known
    if (this.callers.hasEnded(caller))
      return this.end(exchange, Refusal.of('caller.unauthenticated', { status: 'denied' }));
    const { tenant, subject, tokenId, client, grant } = caller;
    const concerned =
      ended === null || [subject.id, tokenId, client.id, grant].some((id) => ended.has(`${tenant} ${id}`));
    // what such a token is good for is known to auth alone
    if (concerned && caller.generation === Infinity) void this.askAgain(exchange);
    else this.judgeAgain(exchange);
  }

  private async askAgain(exchange: Exchange): Promise<void> {
    try {
      exchange.caller = await identify({ callers: this.callers }, exchange);
      this.judgeAgain(exchange);
    } catch (error) {
      const { details } = Refusal.from(error);
      this.end(exchange, new Refusal({ ...details, status: 'denied' }));
    }
  }

  private judgeAgain(exchange: Exchange): void {
    try {
      const { caller, message, target } = exchange;
      const server = findServer(this.snapshots.of(target.tenant), target.server);
      if (caller === null || decide(server, caller, message).effect === 'permit') return;
      this.end(exchange, Refusal.of('policy.denied', { status: 'denied' }));
    } catch (error) {
      this.end(exchange, Refusal.from(error));
    }
  }

  private end(exchange: Exchange, why: Refusal): void {
    exchange.ended = why;
    exchange.relay?.cut(why);
  }
}
