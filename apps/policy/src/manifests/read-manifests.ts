import { Failure } from '@gatehouse/contracts';
import { z } from 'zod';
import { RemoteServer } from './remote-server.js';

/** A manifest as it came, and where it stood, for whoever has to correct it. */
export interface ManifestDocument {
  readonly content: unknown;
  /** Such as `servers.yaml, document 2`. */
  readonly place: string;
}

const LATER_KINDS = [
  'mcp-server/virtual',
  'mcp-server/openapi',
  'mcp-server/stdio',
  'team',
  'service-account',
  'identity-provider',
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
export function readManifests(documents: readonly ManifestDocument[]): RemoteServer[] {
  const manifests: RemoteServer[] = [];
  const faults: string[] = [];
  const places = new Map<string, string>();
  for (const document of documents) {
    const label = labelOf(document);
    const { manifest, faults: found } = readOne(document.content);
    faults.push(...found.map((fault) => `${label}: ${fault}`));
    if (!manifest) continue;
    const earlier = places.get(manifest.name);
    if (earlier !== undefined) faults.push(`${label}: name: is taken by ${earlier}`);
    places.set(manifest.name, document.place);
    manifests.push(manifest);
  }
  if (faults.length > 0) throw new Failure('policy.invalid_manifest', shown(faults));
  return manifests;
}

function readOne(content: unknown): { manifest?: RemoteServer; faults: string[] } {
  const type = z.object({ type: z.string() }).safeParse(content).data?.type;
  if (type === undefined) return { faults: ['type: is missing'] };
  if (LATER_KINDS.includes(type)) return { faults: [`type: ${type} is not supported by this version`] };
  if (type !== 'mcp-server/remote') return { faults: ['type: is no known kind of manifest'] };
  const parsed = RemoteServer.safeParse(content);
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
  const name = z.object({ name: z.string().max(63) }).safeParse(content).data?.name;
  return name === undefined ? place : `${place} (${name})`;
}

function shown(faults: readonly string[]): string {
  const rest = faults.length - FAULTS_SHOWN;
  return [...faults.slice(0, FAULTS_SHOWN), ...(rest > 0 ? [`... and ${rest} more`] : [])].join('\n');
}
