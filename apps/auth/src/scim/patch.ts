import { PatchOp } from 'scimmy/messages';
import { type Schema } from 'scimmy/types';

interface Operation {
  readonly op?: unknown;
  readonly path?: unknown;
  readonly value?: unknown;
}

/** `emails[type eq "work"].value`, as Entra ID names the one address of a kind. */
const ONE_OF_A_KIND = /^(\w+)\[type eq "([^"]*)"\]\.value$/i;

/**
 * Applies a PATCH (RFC 7644, section 3.5.2), also as Okta and Entra ID write it: operations in any case, booleans as
 * text, attributes that we do not keep, and a value for an e-mail address of a kind that is not there yet.
 *
 * @returns the resource as it shall be; the one that was given, if nothing is changed
 * @throws SCIMError
 */
export async function applyPatch<R extends Schema>(resource: R, body: unknown): Promise<R> {
  const { Operations, ...message } = (body ?? {}) as { Operations?: unknown };
  const operations = Array.isArray(Operations)
    ? Operations.map((operation) => readable(resource, operation as Operation))
    : Operations;
  // What is left aside altogether is no fault, an empty message is one.
  const kept = Array.isArray(operations) ? operations.filter((operation) => operation !== null) : operations;
  if (Array.isArray(kept) && kept.length === 0 && (Operations as unknown[]).length > 0) return resource;
  const patch = new PatchOp({ ...message, Operations: kept } as never);
  return (await patch.apply(resource, undefined as never)) ?? resource;
}

function readable(resource: Schema, operation: Operation): Operation | null {
  if (typeof operation !== 'object' || operation === null) return operation;
  const { path, value } = operation;
  if (path === undefined) return { ...operation, value: onlyKept(resource, value) };
  if (typeof path !== 'string') return operation;
  const kept = keptPath(resource, path);
  if (kept === null) return null;
  const [, attribute = '', type] = ONE_OF_A_KIND.exec(kept) ?? [];
  const removes = String(operation.op).toLowerCase() === 'remove';
  if (type !== undefined && !removes && !has(resource, attribute, type))
    return { op: 'add', path: attribute, value: [{ type, value }] };
  return { ...operation, path: kept, value: typed(kept, value) };
}

/** The members of a value without a path are paths themselves. */
function onlyKept(resource: Schema, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const kept = Object.entries(value).flatMap(([path, inner]: [string, unknown]) => {
    const known = keptPath(resource, path);
    return known === null ? [] : [[known, typed(known, inner)]];
  });
  return Object.fromEntries(kept) as unknown;
}

/** The path with its attribute in our spelling; null for an attribute that we do not keep. */
function keptPath(resource: Schema, path: string): string | null {
  const { definition } = resource.constructor as typeof Schema;
  const plain = path.toLowerCase().startsWith(`${definition.id.toLowerCase()}:`)
    ? path.slice(definition.id.length + 1)
    : path;
  const [first = ''] = /^[^.[]*/.exec(plain) ?? [];
  const attribute = definition.attributes.find(({ name }) => name.toLowerCase() === first.toLowerCase());
  return attribute ? attribute.name + plain.slice(first.length) : null;
}

function has(resource: Schema, attribute: string, type: string): boolean {
  const values: unknown = (resource as unknown as Record<string, unknown>)[attribute];
  return Array.isArray(values) && values.some((value: { type?: unknown }) => value.type === type);
}

function typed(path: string, value: unknown): unknown {
  return /^(?:active|.*\bprimary)$/i.test(path) ? asBoolean(value) : value;
}

/** Entra ID writes `"True"` and `"False"`. */
export function asBoolean(value: unknown): unknown {
  const text = typeof value === 'string' ? value.toLowerCase() : '';
  return text === 'true' || text === 'false' ? text === 'true' : value;
}
