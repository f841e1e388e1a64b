import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Caller } from '@gatehouse/caller';
import { Failure } from '@gatehouse/contracts';
import type { Request } from 'express';
import { ApiCallers } from '../caller/api-callers.js';
import { Refusals } from '../security-events/refusals.js';
import { admit, routeOf } from './endpoint.js';
import { check } from './invalid-request.js';
import { readBody } from './read-body.js';
import type { Call, Route } from './route.js';

/** What every call passes before its handler, in this order: who, may they, is it well-formed. */
@Injectable()
export class Admission implements CanActivate {
  constructor(
    private readonly callers: ApiCallers,
    private readonly refusals: Refusals,
  ) {}

  async canActivate(context: ExecutionContext): Promise<true> {
    const route = routeOf(context.getHandler());
    const request = context.switchToHttp().getRequest<Request>();
    const caller = route.access === 'public' ? null : await this.callers.identify(request);
    if (route.access === 'admin' && !caller?.admin) {
      if (caller) await this.refusals.keep(caller, { method: route.method, path: request.path });
      throw new Failure('api.forbidden');
    }
    admit(context, await readCall(route, request, caller));
    return true;
  }
}

async function readCall(route: Route, request: Request, caller: Caller | null): Promise<Call<Route>> {
  return {
    caller: caller as Caller,
    params: check(route.params, request.params, 'path'),
    query: check(route.query, request.query, 'query'),
    body: route.body && check(route.body.schema, await readBody(request, route.body), 'body'),
  };
}
