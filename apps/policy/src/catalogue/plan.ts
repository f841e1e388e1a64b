import type { Change } from '@gatehouse/contracts';
import type { z } from 'zod';
import { diff } from '../manifests/diff.js';
import { credentialOf, SECRET, withoutSecrets, type RemoteServer } from '../manifests/remote-server.js';
import type { CatalogueStore } from './catalogue.store.js';
import type { ServerRow } from './server.entity.js';
import type { VaultCredentials } from './vault-credentials.js';

/** What applying one manifest would do. */
export interface Step {
  readonly change: z.output<typeof Change>;
  readonly before: ServerRow | null;
  readonly manifest: RemoteServer;
  /** The credential's headers if the vault does not hold them yet, else null. */
  readonly newCredential: Record<string, string> | null;
}

interface Context {
  readonly store: CatalogueStore;
  readonly tenant: string;
  readonly vault: VaultCredentials;
}

export async function planSteps(context: Context, manifests: readonly RemoteServer[]): Promise<Step[]> {
  const rows = await context.store.findAll(manifests.map(({ name }) => name));
  const byName = new Map(rows.map((row) => [row.name, row]));
  const steps: Step[] = [];
  for (const manifest of manifests)
    steps.push(await planStep(context, manifest, byName.get(manifest.name) ?? null));
  return steps;
}

async function planStep(context: Context, manifest: RemoteServer, before: ServerRow | null): Promise<Step> {
  const newCredential = await newCredentialOf(context, manifest, before);
  const lines = diff(before?.manifest ?? null, withoutSecrets(manifest));
  if (before && newCredential) lines.push(...replacedSecrets(before.manifest, newCredential));
  const action = before === null ? 'create' : lines.length > 0 ? 'update' : 'none';
  return {
    change: { kind: manifest.type, name: manifest.name, action, diff: lines },
    before,
    manifest,
    newCredential,
  };
}

async function newCredentialOf({ tenant, vault }: Context, manifest: RemoteServer, before: ServerRow | null) {
  const headers = credentialOf(manifest);
  if (headers === null || before === null || credentialOf(before.manifest) === null) return headers;
  return (await vault.holds({ tenant, server: manifest.name, headers })) ? null : headers;
}

/** The vault tells that the credential differs, not in which header. */
function replacedSecrets(before: RemoteServer, after: Record<string, string>): string[] {
  const names = Object.keys(credentialOf(before) ?? {}).filter((name) => Object.hasOwn(after, name));
  return names.map((name) => `auth_data.headers.${name}: ${SECRET} -> ${SECRET}`);
}
