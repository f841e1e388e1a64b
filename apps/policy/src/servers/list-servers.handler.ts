import { Handle } from '@gatehouse/bus';
import { listServers } from '@gatehouse/contracts';
import { Database } from '@gatehouse/persistence';
import { evaluate } from '@gatehouse/policy';
import type { z } from 'zod';
import { CatalogueStore } from '../catalogue/catalogue.store.js';
import type { ServerRow } from '../catalogue/server.entity.js';
import { compileServer } from '../snapshots/compile-server.js';

type Request = z.output<typeof listServers.request>;
type Reply = z.input<typeof listServers.reply>;
type Summary = Reply['items'][number];

/** Characters of a page, so that the reply stays under the broker's usual limit of 1 MiB. */
const PAGE_CHARACTERS = 300_000;

@Handle(listServers)
export class ListServers {
  constructor(private readonly database: Database) {}

  async handle(request: Request): Promise<Reply> {
    return this.database.withTenant(request.tenant, async (manager) => {
      const items: Summary[] = [];
      let room = PAGE_CHARACTERS;
      for await (const row of new CatalogueStore(manager, request.tenant).after(request.after ?? '')) {
        if (!maySee(request, row)) continue;
        const summary = summaryOf(row);
        room -= JSON.stringify(summary).length;
        const last = items.at(-1);
        if (last !== undefined && (items.length === request.limit || room < 0))
          return { items, next: last.name };
        items.push(summary);
      }
      return { items, next: null };
    });
  }
}

function maySee({ asker, tenant }: Request, { manifest }: ServerRow): boolean {
  if (asker === null) return true;
  const { effect } = evaluate(compileServer(manifest), { ...asker, method: 'initialize' });
  return asker.tenant === tenant && effect === 'permit';
}

function summaryOf({ name, manifest, created, updated }: ServerRow): Summary {
  const { credential, url } = compileServer(manifest);
  return {
    name,
    type: manifest.type,
    description: manifest.description,
    url,
    credential,
    created: created.toISOString(),
    updated: updated.toISOString(),
  };
}
