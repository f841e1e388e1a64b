import { Controller, Delete, Get, Patch, Post, Put, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import { clientOf, ScimAdmission } from './admission.guard.js';
import { isAsked, onlyAsked, readResource } from './shape.js';
import { readFilter } from './filter.js';
import { listResponse, pageAsked } from './page.js';
import { applyPatch } from './patch.js';
import { readJson } from './read-json.js';
import { GroupResource } from './resources.js';
import { ScimErrors, sendScim } from './scim-errors.filter.js';
import { ScimAddresses } from './addresses.js';
import { ScimGroups, GROUP_FILTERS } from './groups.store.js';

/** SCIM groups (RFC 7644, section 3). */
@Controller('scim/v2/:tenant/Groups')
@UseGuards(ScimAdmission)
@UseFilters(ScimErrors)
export class ScimGroupsEndpoint {
  constructor(
    private readonly groups: ScimGroups,
    private readonly addresses: ScimAddresses,
  ) {}

  @Get()
  async list(@Req() request: Request, @Res() response: Response): Promise<void> {
    const page = pageAsked(request.query);
    const filter = readFilter(request.query['filter'], GROUP_FILTERS);
    const members = isAsked(request.query, 'members');
    const { items, total } = await this.groups.list(clientOf(request), filter, { ...page, members });
    sendScim(
      response,
      200,
      listResponse({ items: items.map((group) => this.show(request, group)), total }, page),
    );
  }

  @Get(':id')
  async find(@Req() request: Request, @Res() response: Response): Promise<void> {
    await this.send(request, response, { id: idOf(request) });
  }

  @Post()
  async add(@Req() request: Request, @Res() response: Response): Promise<void> {
    const group = readResource(GroupResource, await readJson(request));
    await this.send(request, response, { id: await this.groups.add(clientOf(request), group), status: 201 });
  }

  @Put(':id')
  async replace(@Req() request: Request, @Res() response: Response): Promise<void> {
    const group = readResource(GroupResource, await readJson(request));
    await this.groups.change(clientOf(request), idOf(request), () => Promise.resolve(group));
    await this.send(request, response, { id: idOf(request) });
  }

  /** Without a body: a group may have thousands of members. */
  @Patch(':id')
  async patch(@Req() request: Request, @Res() response: Response): Promise<void> {
    const body = await readJson(request);
    await this.groups.change(clientOf(request), idOf(request), (group) => applyPatch(group, body));
    response.status(204).end();
  }

  @Delete(':id')
  async remove(@Req() request: Request, @Res() response: Response): Promise<void> {
    await this.groups.remove(clientOf(request), idOf(request));
    response.status(204).end();
  }

  private async send(
    request: Request,
    response: Response,
    { id, status = 200 }: { id: string; status?: number },
  ) {
    const members = isAsked(request.query, 'members');
    const group = this.show(request, await this.groups.find(clientOf(request), id, { members }));
    if (status === 201) response.setHeader('location', this.addresses.of(clientOf(request), `Groups/${id}`));
    sendScim(response, status, group);
  }

  private show(request: Request, group: object): object {
    const base = this.addresses.of(clientOf(request), 'Groups');
    return onlyAsked(request.query, new GroupResource(group, 'out', base));
  }
}

function idOf(request: Request): string {
  return String(request.params['id']);
}
