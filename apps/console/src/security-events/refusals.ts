import { Injectable } from '@nestjs/common';
import { Bus } from '@gatehouse/bus';
import type { Caller } from '@gatehouse/caller';
import { recordRefusal } from '@gatehouse/contracts';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** Of one caller so many refusals are kept in a minute: whoever tries on must not fill the database. */
const KEPT_PER_MINUTE = 10;

/** Keeps that somebody who is known tried what is not theirs to do. */
@Injectable()
export class Refusals {
  private readonly kept = new RateLimiterMemory({ points: KEPT_PER_MINUTE, duration: 60 });

  constructor(private readonly bus: Bus) {}

  /** @throws Failure if it cannot be kept: then the attempt is refused for that */
  async keep({ tenant, subject }: Caller, { method, path }: { method: string; path: string }): Promise<void> {
    if (await this.isTooMuch(`${tenant} ${subject.id}`)) return;
    await this.bus.request(recordRefusal, {
      tenant,
      subject: subject.id,
      method,
      path: path.slice(0, 2_000),
    });
  }

  private async isTooMuch(caller: string): Promise<boolean> {
    try {
      await this.kept.consume(caller);
      return false;
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) return true;
      throw refusal;
    }
  }
}
