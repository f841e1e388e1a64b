import { SCIMError } from 'scimmy/types';
import { asBoolean } from './patch.js';

type Query = Readonly<Record<string, unknown>>;

/** A resource as a body has it. @throws SCIMError 400 `invalidSyntax`, `invalidValue` */
export function readResource<R>(Resource: new (data: object, direction: string) => R, body: unknown): R {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new SCIMError(400, 'invalidSyntax', 'The body must be a resource: a JSON object.');
  const members = Object.entries(body).map(([name, value]): [string, unknown] =>
    name.toLowerCase() === 'active' ? [name, asBoolean(value)] : [name, value],
  );
  try {
    return new Resource(Object.fromEntries(members), 'in');
  } catch (error) {
    if (error instanceof TypeError) throw new SCIMError(400, 'invalidValue', error.message);
    throw error;
  }
}

/** Whether an attribute is to be returned (RFC 7644, section 3.9). */
export function isAsked({ attributes, excludedAttributes }: Query, name: string): boolean {
  const listed = (names: unknown) =>
    typeof names === 'string' && names.split(',').some((one) => nameIn(one) === name.toLowerCase());
  return attributes === undefined ? !listed(excludedAttributes) : listed(attributes);
}

/** A resource with the attributes that are asked for; `schemas`, `id` and `meta` always are. */
export function onlyAsked(query: Query, resource: object): object {
  if (query['attributes'] === undefined && query['excludedAttributes'] === undefined) return resource;
  const shown = JSON.parse(JSON.stringify(resource)) as Record<string, unknown>;
  const kept = Object.entries(shown).filter(
    ([name]) => ['schemas', 'id', 'meta'].includes(name) || isAsked(query, name),
  );
  return Object.fromEntries(kept);
}

/** The attribute in a path such as `urn:ietf:params:scim:schemas:core:2.0:User:name.givenName`. */
function nameIn(path: string): string | undefined {
  return path.trim().split(':').at(-1)?.split('.')[0]?.toLowerCase();
}
