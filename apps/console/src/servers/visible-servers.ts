import { Injectable } from '@nestjs/common';
import { Bus } from '@gatehouse/bus';
import { Failure, listServers, type ServerSummary } from '@gatehouse/contracts';
import type { z } from 'zod';
import type { Caller } from '@gatehouse/caller';

type Summary = z.output<typeof ServerSummary>;

const PAGE = 500;

/** The catalogue as a caller sees it: an administrator all of it, others what they may use. */
@Injectable()
export class VisibleServers {
  constructor(private readonly bus: Bus) {}

  page(caller: Caller, limit: number, after: string | null) {
    const { tenant, subject } = caller;
    const asker = caller.admin ? null : { tenant, subject, teams: [...caller.teams] };
    return this.bus.request(listServers, { tenant, asker, limit, after });
  }

  /** @throws Failure `policy.unknown_server`, the same for a server that the caller may not use */
  async find(caller: Caller, name: string): Promise<Summary> {
    let after: string | null = null;
    do {
      const { items, next } = await this.page(caller, PAGE, after);
      const found = items.find((server) => server.name === name);
      if (found) return found;
      after = next;
    } while (after !== null);
    throw new Failure('policy.unknown_server');
  }
}
