import { z } from 'zod';
import type { BodyFormat } from './body-format.js';
import type { Route } from './route.js';

type Json = Record<string, unknown>;

const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string(),
  errors: z.array(z.object({ place: z.string(), message: z.string() })).optional(),
});

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}

function parametersOf(schema: z.ZodType, place: 'path' | 'query'): Json[] {
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: property,
  }));
}

function bodyOf(format: BodyFormat): Json {
  const schema = schemaOf(format.schema, 'input');
  return { required: true, content: Object.fromEntries(format.types.map((type) => [type, { schema }])) };
}

function operationOf(route: Route): Json {
  const answer =
    route.status === 204
      ? { description: 'Done' }
      : { description: 'Done', content: { 'application/json': { schema: schemaOf(route.reply, 'output') } } };
  return {
    summary: route.access === 'admin' ? `${route.summary} (administrators)` : route.summary,
    parameters: [...parametersOf(route.params, 'path'), ...parametersOf(route.query, 'query')],
    ...(route.body && { requestBody: bodyOf(route.body) }),
    responses: { [route.status]: answer, default: { $ref: '#/components/responses/Problem' } },
    security: route.access === 'public' ? [] : [{ bearer: [] }],
  };
}

/** The admin API as an OpenAPI 3.1 document, made of the very schemas that check the calls. */
export function openApi(routes: readonly Route[], origin: string): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method.toLowerCase()] = operationOf(route);
  return {
    openapi: '3.1.0',
    info: { title: 'Gatehouse admin API', version: 'v1' },
    servers: [{ url: origin }],
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      responses: {
        Problem: {
          description: 'Refused: RFC 9457, with a stable `code`',
          content: { 'application/problem+json': { schema: schemaOf(Problem, 'output') } },
        },
      },
    },
  };
}
