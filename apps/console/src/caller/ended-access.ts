import { Injectable } from '@nestjs/common';
import { Bus } from '@gatehouse/bus';
import { type AccessEnded, accessEnded, listEndedAccess } from '@gatehouse/contracts';

/** Seconds; no access token is accepted that was issued longer ago, so nothing older need be remembered. */
export const ACCESS_TOKEN_MAX_AGE = 3_600;

/** What an access token says about itself that access can end by. */
export interface TokenIdentity {
  tenant: string;
  iat: number;
  ids: Partial<Record<AccessEnded['kind'], string | undefined>>;
}

const keyOf = (tenant: string, kind: string, id: string) => JSON.stringify([tenant, kind, id]);

/** Access that ended before its tokens did: heard by event, and asked for at first and after each gap. */
@Injectable()
export class EndedAccess {
  private readonly endings = new Map<string, number>();
  private readonly listeners: (() => void)[] = [];
  private asked: Promise<void> | null = null;

  constructor(private readonly bus: Bus) {
    bus.subscribe(accessEnded, (ended) => {
      this.dropOld();
      this.add(ended);
      this.changed();
    });
    bus.onReconnect(() => {
      this.asked = null;
      this.changed();
    });
  }

  /** Calls back when access ended, or may have ended unheard. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** @throws Failure if it is not known what has ended, and the auth service cannot be asked */
  async has(token: TokenIdentity): Promise<boolean> {
    await (this.asked ??= this.askForAll());
    return Object.entries(token.ids).some(([kind, id]) => {
      const before = id === undefined ? undefined : this.endings.get(keyOf(token.tenant, kind, id));
      return before !== undefined && token.iat <= before;
    });
  }

  private async askForAll(): Promise<void> {
    try {
      const { items } = await this.bus.request(listEndedAccess, {});
      for (const ended of items) this.add(ended);
    } catch (error) {
      this.asked = null;
      throw error;
    }
  }

  private add({ tenant, kind, id, before }: AccessEnded): void {
    const key = keyOf(tenant, kind, id);
    this.endings.set(key, Math.max(before, this.endings.get(key) ?? 0));
  }

  private dropOld(): void {
    const oldest = Date.now() / 1_000 - ACCESS_TOKEN_MAX_AGE;
    for (const [key, before] of this.endings) if (before < oldest) this.endings.delete(key);
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}
