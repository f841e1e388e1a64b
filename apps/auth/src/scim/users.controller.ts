import { Controller, Delete, Get, Patch, Post, Put, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import { clientOf, ScimAdmission } from './admission.guard.js';
import { onlyAsked, readResource } from './shape.js';
import { readFilter } from './filter.js';
import { listResponse, pageAsked } from './page.js';
import { applyPatch } from './patch.js';
import { readJson } from './read-json.js';
import { UserResource } from './resources.js';
import { ScimErrors, sendScim } from './scim-errors.filter.js';
import { ScimAddresses } from './addresses.js';
import { ScimUsers, USER_FILTERS } from './users.store.js';

/** SCIM users (RFC 7644, section 3). */
@Controller('scim/v2/:tenant/Users')
@UseGuards(ScimAdmission)
@UseFilters(ScimErrors)
export class ScimUsersEndpoint {
  constructor(
    private readonly users: ScimUsers,
    private readonly addresses: ScimAddresses,
  ) {}

  @Get()
  async list(@Req() request: Request, @Res() response: Response): Promise<void> {
    const page = pageAsked(request.query);
    const filter = readFilter(request.query['filter'], USER_FILTERS);
    const { items, total } = await this.users.list(clientOf(request), filter, page);
    sendScim(
      response,
      200,
      listResponse({ items: items.map((user) => this.show(request, user)), total }, page),
    );
  }

  @Get(':id')
  async find(@Req() request: Request, @Res() response: Response): Promise<void> {
    await this.send(request, response, { id: idOf(request) });
  }

  @Post()
  async add(@Req() request: Request, @Res() response: Response): Promise<void> {
    const user = readResource(UserResource, await readJson(request));
    await this.send(request, response, { id: await this.users.add(clientOf(request), user), status: 201 });
  }

  @Put(':id')
  async replace(@Req() request: Request, @Res() response: Response): Promise<void> {
    const user = readResource(UserResource, await readJson(request));
    await this.users.replace(clientOf(request), idOf(request), user);
    await this.send(request, response, { id: idOf(request) });
  }

  @Patch(':id')
  async patch(@Req() request: Request, @Res() response: Response): Promise<void> {
    const body = await readJson(request);
    await this.users.patch(clientOf(request), idOf(request), (user) => applyPatch(user, body));
    await this.send(request, response, { id: idOf(request) });
  }

  @Delete(':id')
  async remove(@Req() request: Request, @Res() response: Response): Promise<void> {
    await this.users.remove(clientOf(request), idOf(request));
    response.status(204).end();
  }

  private async send(
    request: Request,
    response: Response,
    { id, status = 200 }: { id: string; status?: number },
  ) {
    const user = this.show(request, await this.users.find(clientOf(request), id));
    if (status === 201) response.setHeader('location', this.addresses.of(clientOf(request), `Users/${id}`));
    sendScim(response, status, user);
  }

  private show(request: Request, user: object): object {
    const base = this.addresses.of(clientOf(request), 'Users');
    return onlyAsked(request.query, new UserResource(user, 'out', base));
  }
}

function idOf(request: Request): string {
  return String(request.params['id']);
}
