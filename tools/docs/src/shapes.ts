import * as contracts from '@gatehouse/contracts';
import { z } from 'zod';

/** The contracts' schemas that have a name of their own. */
const named = z.registry<{ id: string }>();
for (const [id, value] of Object.entries(contracts)) if (value instanceof z.ZodType) named.add(value, { id });

type Json = z.core.JSONSchema.JSONSchema;

const BASE = '#/$defs/';

/** A schema on one line, as its sender writes it: named schemas by their names, `?` for what may be left out. */
export function shapeOf(schema: z.ZodType): string {
  const json = z.toJSONSchema(schema, { metadata: named, io: 'input', unrepresentable: 'any' });
  return 'id' in json ? `${json.id}` : shape(json);
}

/** Each named schema that occurs in `text`, or in one that does, with what it consists of. */
export function namedShapesIn(text: string): Array<[name: string, shape: string]> {
  const found = new Map<string, string>();
  const visit = (within: string): void => {
    for (const [id, value] of Object.entries(contracts)) {
      if (!(value instanceof z.ZodType) || found.has(id) || !new RegExp(`\\b${id}\\b`).test(within)) continue;
      const own = shape(
        z.toJSONSchema(value, { metadata: namedBut(value), io: 'input', unrepresentable: 'any' }),
      );
      found.set(id, own);
      visit(own);
    }
  };
  visit(text);
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The registry without one schema, which would else be described by its own name. */
function namedBut(left: z.ZodType) {
  const others = z.registry<{ id: string }>();
  for (const [id, value] of Object.entries(contracts))
    if (value instanceof z.ZodType && value !== left) others.add(value, { id });
  return others;
}

function shape(json: Json): string {
  if (json.$ref?.startsWith(BASE)) return json.$ref.slice(BASE.length);
  if (json.const !== undefined) return JSON.stringify(json.const);
  if (json.enum) return json.enum.map((value) => JSON.stringify(value)).join(' | ');
  const choices = json.anyOf ?? json.oneOf;
  if (choices) return choices.map((choice) => shape(choice)).join(' | ');
  if (Array.isArray(json.type)) return json.type.join(' | ');
  switch (json.type) {
    case 'object':
      return objectShape(json);
    case 'array':
      return `${grouped(shape((json.items ?? {}) as Json))}[]`;
    case undefined:
      return 'any';
    default:
      return json.format && json.type === 'string' ? json.format : String(json.type);
  }
}

function objectShape({ properties, required = [], additionalProperties }: Json): string {
  if (properties === undefined) return `{ [name]: ${shape((additionalProperties ?? {}) as Json)} }`;
  const members = Object.entries(properties).map(
    ([name, member]) => `${name}${required.includes(name) ? '' : '?'}: ${shape(member as Json)}`,
  );
  const open = additionalProperties !== undefined && additionalProperties !== false ? ['...'] : [];
  return members.length + open.length === 0 ? '{}' : `{ ${[...members, ...open].join(', ')} }`;
}

function grouped(text: string): string {
  return text.includes(' | ') && !text.startsWith('{') ? `(${text})` : text;
}
