import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { ROOT } from '../shape.js';

/** What is asked of a gate before a client works with it, in this order. The columns of docs/clients.md. */
export const STAGES = ['discovery', 'registration', 'sign-in', 'call', 'refresh', 'step-up'] as const;
export type Stage = (typeof STAGES)[number];

/** What a client itself insists on, and breaks without. */
const Demand = z.enum([
  'resource equals the URL',
  'issuer equals the resource metadata entry',
  'iss in the redirect',
  'registration at the authorization origin',
  'a refresh token',
]);
export type Demand = z.output<typeof Demand>;

const Texts = z.record(z.string(), z.string());
const HTTP = { GET: z.string(), HEAD: z.string(), POST: z.string(), DELETE: z.string() };

/**
 * One thing that a client does. `{name}` stands for what was learned before: `{mcp}` the path of the pasted URL,
 * `{resource}` that URL, `{prm.*}` and `{asm.*}` members of the two documents, `{challenge.scope}`, `{client_id}`,
 * `{access_token}`, `{refresh_token}`, `{session}`, `{port}` (a free one) and so on.
 */
const Action = z.strictObject({
  /** A request, to a path of the gate's. */
  ...z.object(HTTP).partial().shape,
  /** Has a Client ID Metadata Document on the web, instead of registering. */
  document: z.looseObject({ client_id: z.url() }).optional(),
  /** Registers (RFC 7591). */
  register: z.looseObject({ redirect_uris: z.array(z.string()).min(1) }).optional(),
  /** Opens the browser; the person signs in and approves. PKCE, state, client_id and response_type are added. */
  authorize: Texts.optional(),
  /** Asks for tokens. */
  token: Texts.optional(),
  /** Lets time go by: a Postgres interval. */
  later: z.string().optional(),
  /** Where, if not at the address that metadata names. */
  at: z.string().optional(),
  headers: Texts.optional(),
  body: z.unknown().optional(),
  /** HTTP status. 200 if not given, 201 for a registration. */
  answers: z.number().optional(),
  /** Occurs in the answer. */
  says: z.string().optional(),
});
export type Action = z.output<typeof Action>;
const Step = z.union([Action, z.strictObject({ together: z.array(Action) })]);
export type Step = z.output<typeof Step>;

/** Steps that belong together may stand in a list of their own. */
const Steps = z
  .array(z.union([Step, z.array(Step)]))
  .min(1)
  .transform((steps) => steps.flat());
const Session = z.strictObject({
  title: z.string(),
  discovery: Steps.optional(),
  registration: Steps.optional(),
  'sign-in': Steps,
  call: Steps.optional(),
  refresh: Steps.optional(),
  'step-up': Steps.optional(),
});
export type Session = z.output<typeof Session>;

const Fixture = z.strictObject({
  client: z.string(),
  version: z.string().optional(),
  source: z.string(),
  /** Stages of which nothing is known of this client: it does there what most do. */
  assumed: z.array(z.enum(STAGES)).default([]),
  demands: z.array(Demand).default([]),
  /** What the client does on 403 `insufficient_scope`. */
  'step-up': z.string().optional(),
  /** Anchors for what repeats. */
  ordinary: z.unknown().optional(),
  shared: z.unknown().optional(),
  sessions: z.array(Session).min(1),
});
export type Fixture = z.output<typeof Fixture> & { readonly file: string };

const LAB = join(ROOT, 'apps/gatehouse/e2e/client-lab');
/** Our own files: many aliases in them are no attack. */
const YAML = { merge: true, maxAliasCount: -1 };

/** Every client that we have seen (`recorded/`) or read about (`reported/`), by name. */
export async function readFixtures(): Promise<Fixture[]> {
  const ordinary = await readFile(join(LAB, 'ordinary.yaml'), 'utf8');
  const fixtures = [...(await readFolder('recorded', '')), ...(await readFolder('reported', ordinary))];
  return fixtures.sort((a, b) => a.client.localeCompare(b.client));
}

/** @param before what the files of the folder may refer to */
async function readFolder(folder: string, before: string): Promise<Fixture[]> {
  const names = await readdir(join(LAB, folder));
  return Promise.all(names.map((name) => read(join(folder, name), before)));
}

async function read(file: string, before: string): Promise<Fixture> {
  const text = before + (await readFile(join(LAB, file), 'utf8'));
  const { data, error } = Fixture.safeParse(parse(text, YAML));
  if (error) throw new Error(`${file}: ${z.prettifyError(error)}`);
  return { ...data, file };
}
