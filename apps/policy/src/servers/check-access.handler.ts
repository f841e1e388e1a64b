import { Handle } from '@gatehouse/bus';
import { checkAccess } from '@gatehouse/contracts';
import { Database } from '@gatehouse/persistence';
import { evaluate } from '@gatehouse/policy';
import type { z } from 'zod';
import { ServerRow } from '../catalogue/server.entity.js';
import { compileServer } from '../snapshots/compile-server.js';

type Request = z.output<typeof checkAccess.request>;
type Reply = z.input<typeof checkAccess.reply>;

@Handle(checkAccess)
export class CheckAccess {
  constructor(private readonly database: Database) {}

  /** A server that is not there and one that is not theirs look the same. */
  async handle({ tenant, server: name, subject, teams }: Request): Promise<Reply> {
    const row = await this.database.withTenant(tenant, (manager) =>
      manager.findOneBy(ServerRow, { tenant, name }),
    );
    const server = row === null ? undefined : compileServer(row.manifest);
    const { effect } = evaluate(server, { subject, teams, method: 'initialize' });
    if (row === null || effect === 'deny') return { allowed: false, description: '' };
    const { description, scopes = [] } = row.manifest;
    return { allowed: true, description, scopes };
  }
}
