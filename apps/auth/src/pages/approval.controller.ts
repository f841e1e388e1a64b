import { Controller, Get, Post, Req, Res, UseFilters } from '@nestjs/common';
import type { Request, Response } from 'express';
import { TenantClients } from '../clients/tenant-clients.store.js';
import { Approvals } from '../oidc/approvals.store.js';
import { AccessCheck, type Access } from '../people/access.js';
import { People, type Person } from '../people/people.store.js';
import { sendApprovalPage, sendBlockedClientPage, sendNoAccessPage } from './approval.page.js';
import { Interactions, type Pending } from './interactions.js';
import { PageErrors } from './page-errors.js';

/** Asks a person who is signed in whether a client may act in their name, and hears the answer. */
@Controller('interaction/:uid/approval')
@UseFilters(PageErrors)
export class Approval {
  constructor(
    private readonly interactions: Interactions,
    private readonly people: People,
    private readonly access: AccessCheck,
    private readonly approvals: Approvals,
    private readonly clients: TenantClients,
  ) {}

  @Get()
  async show(@Req() request: Request, @Res() response: Response): Promise<void> {
    const pending = await this.interactions.load(request, response);
    const { person, access } = await this.who(pending);
    if (!person) return response.redirect(303, `/interaction/${pending.interaction.uid}/sign-in`);
    if (!(await this.clients.admits(pending.client.id, person)))
      return sendBlockedClientPage(response, pending, person);
    if (!access.allowed) return sendNoAccessPage(response, pending, person);
    sendApprovalPage(response, pending, { person, description: access.description });
  }

  @Post()
  async decide(@Req() request: Request, @Res() response: Response): Promise<void> {
    const pending = await this.interactions.load(request, response);
    const { decision } = this.interactions.form(request, pending);
    const { person, access } = await this.who(pending);
    if (decision === 'deny') return response.redirect(303, await this.interactions.denied(pending));
    if (!person) return response.redirect(303, `/interaction/${pending.interaction.uid}/sign-in`);
    if (!(await this.clients.admits(pending.client.id, person)))
      return sendBlockedClientPage(response, pending, person);
    if (!access.allowed) return sendNoAccessPage(response, pending, person);
    if (decision !== 'approve')
      return sendApprovalPage(response, pending, { person, description: access.description });
    await this.approvals.remember({
      tenant: person.tenant,
      person: person.id,
      client: pending.client.id,
      redirectUri: pending.redirectUri,
      resource: pending.resource.url,
      scopes: pending.scopes,
    });
    response.redirect(303, await this.interactions.approved(pending, person));
  }

  private async who({ interaction, resource }: Pending): Promise<{ person: Person | null; access: Access }> {
    const id = interaction.session?.accountId;
    const person = id === undefined ? null : await this.people.find(id);
    const access = person ? await this.access.ask(person, resource) : { allowed: false, description: '' };
    return { person, access };
  }
}
