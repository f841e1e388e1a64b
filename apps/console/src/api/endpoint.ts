import {
  Controller,
  createParamDecorator,
  type ExecutionContext,
  HttpCode,
  RequestMapping,
  RequestMethod,
  SetMetadata,
} from '@nestjs/common';
import { z } from 'zod';
import type { BodyFormat } from './body-format.js';
import type { Access, Call, Reply, Route } from './route.js';

const ROUTE = Symbol('route');
const CALL = Symbol('call');

const Nothing = z.strictObject({});
type Nothing = typeof Nothing;

type RouteOptions<A extends Access, P, Q, B extends z.ZodType, R> = Pick<
  Route<A>,
  'method' | 'path' | 'summary' | 'access'
> & { params?: P; query?: Q; body?: BodyFormat<B>; status?: Route['status']; reply: R };

/** Declares a route. Without `params`, `query` or `body` it takes none; the status is 200 unless told. */
export function route<
  A extends Access,
  R extends z.ZodType,
  P extends z.ZodType = Nothing,
  Q extends z.ZodType = Nothing,
  B extends z.ZodType = Nothing,
>(options: RouteOptions<A, P, Q, B, R>): Route<A, P, Q, B, R> {
  return {
    status: 200,
    ...options,
    params: options.params ?? (Nothing as unknown as P),
    query: options.query ?? (Nothing as unknown as Q),
    body: options.body ?? null,
  };
}

const TheCall = createParamDecorator((_: unknown, context: ExecutionContext) => callOf(context));

/** Serves a route by the method `handle(call)` of a class: the class IS the use case. */
export function Endpoint<R extends Route>(served: R) {
  return (
    target: new (...dependencies: never[]) => { handle(call: Call<R>): Promise<Reply<R>> | Reply<R> },
  ): void => {
    const prototype = target.prototype as object;
    const method = Object.getOwnPropertyDescriptor(prototype, 'handle') as PropertyDescriptor;
    const path = served.path.replace(/\{(\w+)\}/g, ':$1');
    Controller()(target);
    RequestMapping({ path, method: RequestMethod[served.method] })(prototype, 'handle', method);
    HttpCode(served.status)(prototype, 'handle', method);
    SetMetadata(ROUTE, served)(prototype, 'handle', method);
    TheCall()(prototype, 'handle', 0);
  };
}

/** The route that a handler, or the class of one, serves. */
export function routeOf(handler: { prototype?: { handle?: object } }): Route {
  return Reflect.getMetadata(ROUTE, handler.prototype?.handle ?? handler) as Route;
}

type Admitted = { [CALL]?: Call<Route> };

/** Leaves the checked call for the handler to be given. */
export function admit(context: ExecutionContext, call: Call<Route>): void {
  context.switchToHttp().getRequest<Admitted>()[CALL] = call;
}

function callOf(context: ExecutionContext): Call<Route> {
  const call = context.switchToHttp().getRequest<Admitted>()[CALL];
  if (!call) throw new Error('a handler was reached without admission');
  return call;
}
