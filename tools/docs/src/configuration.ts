import { OwnProcessConfig, Secret } from '@gatehouse/runtime';
import { AllInOneConfig, SERVICES } from 'gatehouse';
import { z } from 'zod';
import { code, table } from './table.js';

/** Who reads a schema of variables. */
export interface Reader {
  readonly name: string;
  readonly shape: Readonly<Record<string, z.ZodType>>;
}

export const READERS: readonly Reader[] = [
  { name: 'all-in-one', shape: AllInOneConfig.shape },
  { name: 'each process', shape: OwnProcessConfig.shape },
  ...SERVICES.map(({ name, config }) => ({ name, shape: config.shape })),
];

/** Variables that no schema names, since they are read outside of services. */
const OTHERS = [
  [
    'LOG_LEVEL',
    'all',
    'Least level that is logged: `fatal`, `error`, `warn`, `info`, `debug` or `trace`.',
    '`info`',
  ],
  ['GATEHOUSE_URL', 'command line', 'Where Gatehouse is.', '`http://127.0.0.1:8080`'],
  ['GATEHOUSE_TOKEN', 'command line', 'A personal access token. Secret.', '-'],
];

/**
 * docs/configuration.md: every environment variable.
 *
 * @throws Error naming a variable that no reader describes, or two in different words
 */
export function configurationPage(readers: readonly Reader[] = READERS): string {
  const names = [...new Set(readers.flatMap(({ shape }) => Object.keys(shape)))].sort();
  const rows = names.map((name) =>
    row(
      name,
      readers.filter(({ shape }) => name in shape),
    ),
  );
  const others = OTHERS.map(([name = '', ...rest]) => [code(name), ...rest]);
  const head = ['variable', 'read by', 'meaning', 'default'];
  return `# Configuration

Environment variables, from the schemas by which they are read. An empty variable counts as absent, and all faults are
told at once at the start. The all-in-one hands its environment on to every service in it. A service in a process of its
own reads what is listed for it and for "each process". "required": it does not start without.

${table(head, rows)}

Read outside of services:

${table(head, others)}

What else stands in \`.env\` for [docker-compose.yml](../docker-compose.yml), passwords above all, is made by
[make-env.sh](../deploy/make-env.sh) and reaches services as part of the variables above.
`;
}

function row(name: string, readers: readonly Reader[]): string[] {
  const schemas = readers.map(({ shape }) => shape[name] as z.ZodType);
  const secret = schemas.some((schema) => schema.safeParse('any').data instanceof Secret);
  return [
    code(name),
    readers.map((reader) => reader.name).join(', '),
    meaningOf(name, readers) + (secret ? ' Secret.' : ''),
    perReader(readers, ({ shape }) => defaultOf(shape[name] as z.ZodType)),
  ];
}

/** One name means one thing, whoever reads it. */
function meaningOf(name: string, readers: readonly Reader[]): string {
  const [meaning, other] = new Set(readers.flatMap(({ shape }) => shape[name]?.description ?? []));
  const where = `in the config schemas of ${readers.map((reader) => reader.name).join(', ')}`;
  if (meaning === undefined) throw new Error(`${name} has no description: add .describe('...') ${where}`);
  if (other !== undefined) throw new Error(`${name} is described in two ways ${where}: keep one`);
  return meaning;
}

/** One text where all readers agree, else each reader's own. */
function perReader(readers: readonly Reader[], textOf: (reader: Reader) => string): string {
  const texts = readers.map(textOf);
  const distinct = [...new Set(texts)];
  if (distinct.length === 1) return distinct[0] ?? '';
  return distinct
    .map((text) => {
      const who = readers.filter((_, index) => texts[index] === text).map((reader) => reader.name);
      return `${who.join(', ')}: ${text}`;
    })
    .join(' / ');
}

function defaultOf(schema: z.ZodType): string {
  const told = schema.meta()?.['defaultText'];
  if (typeof told === 'string') return told;
  if (!schema.safeParse(undefined).success) return 'required';
  const { default: value } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return value === undefined || value === ''
    ? '-'
    : code(typeof value === 'string' ? value : JSON.stringify(value));
}
