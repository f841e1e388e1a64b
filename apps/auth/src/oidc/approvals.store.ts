import { Injectable } from '@nestjs/common';
import type { Approval as ShownApproval } from '@gatehouse/contracts';
import { Database } from '@gatehouse/persistence';
import type { PersonId } from '../people/roster.store.js';
import { ApprovalRow } from './oidc.entity.js';
import { tellOutage } from './outage.js';
import { redirectHost, withoutLoopbackPort } from './requests/redirect.js';
import { checkExists, clientNames } from './sign-ins/sign-ins.store.js';

/** What a person is asked on the approval page. */
export interface Approval {
  readonly tenant: string;
  readonly person: string;
  readonly client: string;
  readonly redirectUri: string;
  readonly resource: string;
  readonly scopes: readonly string[];
}

/** Approvals are remembered apart from grants, so that each sign-in of a client is a grant of its own and can be ended alone. */
@Injectable()
export class Approvals {
  constructor(private readonly database: Database) {}

  /** Whether the person has approved just this, or more scopes of it, before. */
  async covers(approval: Approval): Promise<boolean> {
    const row = await tellOutage(() =>
      this.database.withTenant(approval.tenant, (manager) => manager.findOneBy(ApprovalRow, keyOf(approval))),
    );
    return row !== null && approval.scopes.every((scope) => row.scopes.includes(scope));
  }

  /** What a person has approved, newest first. @throws Failure `auth.unknown_person` */
  async list({ tenant, id: person }: PersonId): Promise<ShownApproval[]> {
    const rows = await this.database.withTenant(tenant, async (manager) => {
      await checkExists(manager, { tenant, id: person });
      return manager.find(ApprovalRow, { where: { tenant, person }, order: { approved: 'DESC' } });
    });
    const names = await clientNames(
      this.database,
      rows.map(({ client }) => client),
    );
    return rows.map(({ id, client, redirect, resource, scopes, approved }) => ({
      ...{ id, resource, scopes },
      client: { id: client, name: names.get(client) ?? client },
      redirectHost: redirectHost(redirect),
      approved: approved.toISOString(),
    }));
  }

  async remember(approval: Approval): Promise<void> {
    const row = { ...keyOf(approval), scopes: [...approval.scopes], approved: new Date() };
    await tellOutage(() =>
      this.database.withTenant(approval.tenant, (manager) =>
        manager.upsert(ApprovalRow, row, ['tenant', 'person', 'client', 'redirect', 'resource']),
      ),
    );
  }
}

function keyOf({ tenant, person, client, redirectUri, resource }: Approval) {
  return { tenant, person, client, redirect: withoutLoopbackPort(redirectUri), resource };
}
