import type { z } from 'zod';
import type { Caller } from '@gatehouse/caller';
import type { BodyFormat } from './body-format.js';

/** Who may use a route: anybody, whoever is signed in, or only an administrator of the tenant. */
export type Access = 'public' | 'person' | 'admin';

/** One call of the admin API: it is routed, checked and described in openapi.json from this alone. */
export interface Route<
  A extends Access = Access,
  P extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
  R extends z.ZodType = z.ZodType,
> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As OpenAPI writes it: `/api/v1/servers/{name}`. */
  readonly path: string;
  readonly summary: string;
  readonly access: A;
  /** Strict objects: what is not named here is refused. */
  readonly params: P;
  readonly query: Q;
  /** Null: the route takes no body. */
  readonly body: BodyFormat<B> | null;
  readonly status: 200 | 201 | 204;
  readonly reply: R;
}

/** What a route's handler is given: all of it checked. */
export interface Call<R extends Route> {
  readonly caller: R['access'] extends 'public' ? null : Caller;
  readonly params: z.output<R['params']>;
  readonly query: z.output<R['query']>;
  readonly body: R extends Route<Access, z.ZodType, z.ZodType, infer B> ? z.output<B> : never;
}

export type Reply<R extends Route> = z.input<R['reply']>;

/** Every route that is served: for openapi.json, and to tell a wrong method from a wrong address. */
export class Routes {
  constructor(readonly all: readonly Route[]) {}

  /** The methods that are served at a path; empty where nothing is. */
  methodsAt(path: string): string[] {
    return this.all.filter((route) => matches(route.path, path)).map((route) => route.method);
  }
}

function matches(template: string, path: string): boolean {
  const parts = path.split('/');
  const wanted = template.split('/');
  return (
    parts.length === wanted.length &&
    wanted.every((part, i) => (part.startsWith('{') ? parts[i] !== '' : part === parts[i]))
  );
}
