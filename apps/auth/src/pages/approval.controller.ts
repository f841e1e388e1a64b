import { Controller, Get, Post, Req, Res, UseFilters } from '@nestjs/common';
import type { Request, Response } from 'express';
import { TenantClients } from '../clients/tenant-clients.store.js';
import { Approvals } from '../oidc/approvals.store.js';
import { existingScopes } from '../oidc/requests/resource.js';
import { AccessCheck, type Access } from '../people/access.js';
import { People, type Person } from '../people/people.store.js';
import { sendApprovalPage, sendBlockedClientPage, sendNoAccessPage } from './approval.page.js';
import { Interactions, type Pending } from './interactions.js';
import { PageErrors } from './page-errors.js';

/** Whom to ask for which scopes. */
interface Question {
  readonly person: Person;
  readonly access: Access;
  readonly scopes: readonly string[];
}

const NO_SUCH_SCOPE = {
  error: 'invalid_scope',
  error_description: 'the server defines none of these scopes',
};

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
    const question = await this.question(pending, response);
    if (question) sendApprovalPage(response, pending, question);
  }

  @Post()
  async decide(@Req() request: Request, @Res() response: Response): Promise<void> {
    const pending = await this.interactions.load(request, response);
    const { decision } = this.interactions.form(request, pending);
    if (decision === 'deny') return response.redirect(303, await this.interactions.denied(pending));
    const question = await this.question(pending, response);
    if (!question) return;
    if (decision !== 'approve') return sendApprovalPage(response, pending, question);
    const { person, scopes } = question;
    await this.approvals.remember({
      tenant: person.tenant,
      person: person.id,
      client: pending.client.id,
      redirectUri: pending.redirectUri,
      resource: pending.resource.url,
      scopes,
    });
    response.redirect(303, await this.interactions.approved(pending, person, scopes));
  }

  /** What is to be asked of whom; or null, and the response says why nothing is. */
  private async question(pending: Pending, response: Response): Promise<Question | null> {
    const { interaction, resource } = pending;
    const id = interaction.session?.accountId;
    const person = id === undefined ? null : await this.people.find(id);
    if (!person) {
      response.redirect(303, `/interaction/${interaction.uid}/sign-in`);
      return null;
    }
    if (!(await this.clients.admits(pending.client.id, person))) {
      sendBlockedClientPage(response, pending, person);
      return null;
    }
    const access = await this.access.ask(person, resource);
    if (!access.allowed) {
      sendNoAccessPage(response, pending, person);
      return null;
    }
    const scopes = existingScopes(resource, pending.scopes, access.scopes);
    if (scopes.length > 0) return { person, access, scopes };
    response.redirect(303, await this.interactions.refused(pending, NO_SUCH_SCOPE));
    return null;
  }
}
