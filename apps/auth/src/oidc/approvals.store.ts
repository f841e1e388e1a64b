import { Injectable } from '@nestjs/common';
import { Database } from '@gatehouse/persistence';
import { ApprovalRow } from './oidc.entity.js';
import { tellOutage } from './outage.js';
import { withoutLoopbackPort } from './requests/redirect.js';

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
