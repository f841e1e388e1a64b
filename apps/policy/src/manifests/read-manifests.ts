import { Failure, type AccessManifest } from '@gatehouse/contracts';
import { z } from 'zod';
import { ACCESS_KINDS } from './access-manifest.js';
import { RemoteServer } from './remote-server.js';

/** A manifest as it came, and where it stood, for whoever has to correct it. */
export interface ManifestDocument {
  readonly content: unknown;
  /** Such as `servers.yaml, document 2`. */
  readonly place: string;
}

export type Manifest = RemoteServer | AccessManifest;

/** A manifest without faults of its own. */
export interface ReadManifest {
  /** How a fault that another service finds names the document: `document 2 (okta)`. */
  readonly place: string;
  readonly manifest: Manifest;
}

const KINDS: Readonly<Record<string, z.ZodType<Manifest>>> = {
  'mcp-server/remote': RemoteServer,
  ...ACCESS_KINDS,
};
const LATER_KINDS = [
  'mcp-server/virtual',
  'mcp-server/openapi',
  'mcp-server/stdio',
  'rate-limit',
  'access-rule',
  'guardrail',
];
/** Enough to correct by; a file full of faults must not make a message that is too large to send. */
const FAULTS_SHOWN = 50;

/** Reads documents that came without a file: their place is their number. */
export function numbered(contents: readonly unknown[]): ManifestDocument[] {
  return contents.map((content, index) => ({ content, place: `document ${index + 1}` }));
}

/** @throws Failure `policy.invalid_manifest` with a line for each fault of all documents; values are never quoted */
export function readManifests(documents: readonly ManifestDocument[]): ReadManifest[] {
  const manifests: ReadManifest[] = [];
  const faults: string[] = [];
  const places = new Map<string, string>();
  for (const document of documents) {
    const place = labelOf(document);
    const { manifest, faults: found } = readOne(document.content);
    faults.push(...found.map((fault) => `${place}: ${fault}`));
    if (!manifest) continue;
    const name = `${manifest.type} ${manifest.name}`;
    const earlier = places.get(name);
    if (earlier !== undefined) faults.push(`${place}: name: is taken by ${earlier}`);
    places.set(name, document.place);
    manifests.push({ place, manifest });
  }
  if (faults.length > 0) throw new Failure('policy.invalid_manifest', shown(faults));
  return manifests;
}

function readOne(content: unknown): { manifest?: Manifest; faults: string[] } {
  const type = z.object({ type: z.string() }).safeParse(content).data?.type;
  if (type === undefined) return { faults: ['type: is missing'] };
  if (LATER_KINDS.includes(type)) return { faults: [`type: ${type} is not supported by this version`] };
  const kind = Object.hasOwn(KINDS, type) ? KINDS[type] : undefined;
  if (!kind) return { faults: ['type: is no known kind of manifest'] };
  const parsed = kind.safeParse(content);
  return parsed.success
    ? { manifest: parsed.data, faults: [] }
    : { faults: parsed.error.issues.flatMap(describe) };
}

function describe(issue: z.core.$ZodIssue): string[] {
  if (issue.code !== 'unrecognized_keys') return [`${pathOf(issue.path)}: ${issue.message}`];
  return issue.keys.map((key) => `${pathOf([...issue.path, key])}: is no known member`);
}

/** `collaborators[0].role_id` */
function pathOf(path: readonly PropertyKey[]): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step).slice(0, 100)}`))
    .join('')
    .replace(/^\./, '');
}

function labelOf({ content, place }: ManifestDocument): string {
  const name = z.object({ name: z.string().max(100) }).safeParse(content).data?.name;
  return name === undefined ? place : `${place} (${name})`;
}

function shown(faults: readonly string[]): string {
  const rest = faults.length - FAULTS_SHOWN;
  return [...faults.slice(0, FAULTS_SHOWN), ...(rest > 0 ? [`... and ${rest} more`] : [])].join('\n');
}
