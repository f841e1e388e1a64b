import { setTimeout as delay } from 'node:timers/promises';
import { Failure, type FailureCode } from '@gatehouse/contracts';
import { StartError, type Logger } from '@gatehouse/runtime';
import type { Catalogue } from '../catalogue/catalogue.js';
import { serversOf, type Manifests } from '../manifests/manifests.js';
import { numbered, readManifests, type ManifestDocument } from '../manifests/read-manifests.js';
import { readManifestFiles } from './read-manifest-files.js';

const GIVE_UP_MS = 60_000;
const AGAIN_MS = 500;
const TELL_MS = 5_000;

/** While services start together, the vault and auth may come a little later. */
const NOT_THERE_YET: ReadonlySet<FailureCode> = new Set([
  'bus.no_responder',
  'bus.deadline_exceeded',
  'bus.unavailable',
  'vault.request_refused',
  'policy.version_conflict',
  'database.unavailable',
]);

interface Settings {
  GATEHOUSE_TENANT: string;
  GATEHOUSE_APPLY?: string | undefined;
  POLICY_MANIFESTS: readonly unknown[];
}

/**
 * Applies what the configuration names to the first tenant: seeds, then files.
 *
 * @throws StartError naming each faulty place, or if the vault or auth does not come within 60 s
 */
export async function applyAtStart(
  { catalogue, manifests }: { catalogue: Catalogue; manifests: Manifests },
  settings: Settings,
  log: Logger,
): Promise<void> {
  const tenant = settings.GATEHOUSE_TENANT;
  const seeds = read('POLICY_MANIFESTS', numbered(settings.POLICY_MANIFESTS));
  const files = settings.GATEHOUSE_APPLY
    ? read('GATEHOUSE_APPLY', readManifestFiles(settings.GATEHOUSE_APPLY))
    : [];
  const servers = serversOf(seeds);
  if (servers.length < seeds.length) throw new StartError('POLICY_MANIFESTS may hold servers only');
  await patiently(log, () => catalogue.seed(tenant, servers));
  const by = 'GATEHOUSE_APPLY';
  await patiently(log, () => manifests.apply({ tenant, by }, files, false)).catch(asFaultsOf(by));
}

function read(source: string, documents: readonly ManifestDocument[]) {
  try {
    return readManifests(documents);
  } catch (error) {
    return asFaultsOf(source)(error);
  }
}

function asFaultsOf(source: string) {
  return (error: unknown): never => {
    if (error instanceof Failure && error.code === 'policy.invalid_manifest')
      throw new StartError(`${source} has faults:\n${error.message}`);
    throw error;
  };
}

async function patiently<T>(log: Logger, work: () => Promise<T>): Promise<T> {
  const giveUpAt = Date.now() + GIVE_UP_MS;
  for (let tellAt = Date.now() + TELL_MS; ; await delay(AGAIN_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Failure) || !NOT_THERE_YET.has(error.code)) throw error;
      if (Date.now() > giveUpAt)
        throw new StartError(`manifests could not be applied in ${GIVE_UP_MS / 1_000} s: ${error.message}`);
      if (Date.now() < tellAt) continue;
      log.warn(
        { err: error },
        'waiting to apply manifests: the vault, auth or the database is not there yet',
      );
      tellAt += TELL_MS;
    }
  }
}
