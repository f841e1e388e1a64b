import { isDeepStrictEqual } from 'node:util';
import { Handle, TransportKey } from '@gatehouse/bus';
import {
  AccessManifests,
  applyAccessManifests,
  Failure,
  type AccessChange,
  type AccessManifest,
} from '@gatehouse/contracts';
import type { z } from 'zod';
import type { Judged, Scope } from './access-kind.js';
import { IdentityProviderManifests } from './identity-provider-manifests.js';
import { ServiceAccountManifests } from './service-account-manifests.store.js';
import { TeamManifests } from './team-manifests.store.js';

/** Characters of a reply's changes, so that it stays under the broker's usual limit of 1 MiB. */
const REPLY_LIMIT = 300_000;

@Handle(applyAccessManifests)
export class ApplyAccessManifests {
  constructor(
    private readonly key: TransportKey,
    private readonly teams: TeamManifests,
    private readonly accounts: ServiceAccountManifests,
    private readonly providers: IdentityProviderManifests,
  ) {}

  async handle({ sealed }: { sealed: string }): Promise<z.input<typeof applyAccessManifests.reply>> {
    const { documents, dryRun, ...asked } = await this.key.open(sealed, AccessManifests);
    const scope = { ...asked, manifests: documents.map(({ manifest }) => manifest) };
    const judged: Judged[] = [];
    for (const manifest of scope.manifests) judged.push(await this.judge(scope, manifest));
    const faults = judged.flatMap(({ fault }, index) =>
      fault === null ? [] : [`${documents[index]?.place}: ${fault}`],
    );
    if (faults.length > 0) throw new Failure('policy.invalid_manifest', faults.join('\n'));
    const changes = judged.map(({ change }) => change);
    const changed = scope.manifests.filter((_, index) => isChange(changes[index]));
    if (!dryRun) await this.apply(scope, changed).catch(asConflict);
    return { changes: fitting(changes) };
  }

  private judge(scope: Scope, manifest: AccessManifest): Promise<Judged> {
    switch (manifest.type) {
      case 'team':
        return this.teams.judge(scope, manifest);
      case 'service-account':
        return this.accounts.judge(scope, manifest);
      case 'identity-provider':
        return this.providers.judge(scope, manifest);
    }
  }

  private async apply(scope: Scope, manifests: readonly AccessManifest[]): Promise<void> {
    // Teams first: service accounts name them.
    await this.teams.apply(
      scope,
      manifests.filter((manifest) => manifest.type === 'team'),
    );
    await this.accounts.apply(
      scope,
      manifests.filter((manifest) => manifest.type === 'service-account'),
    );
    await this.providers.apply(
      scope,
      manifests.filter((manifest) => manifest.type === 'identity-provider'),
    );
  }
}

function isChange(change: AccessChange | undefined): boolean {
  return !change || change.newSecret || !isDeepStrictEqual(change.before, change.after);
}

/** What was applied must not fail for the length of its description. */
function fitting(changes: AccessChange[]): AccessChange[] {
  if (JSON.stringify(changes).length <= REPLY_LIMIT) return changes;
  return changes.map((change) => {
    const { before, after, newSecret } = change;
    const named = { type: after['type'], name: after['name'] };
    const shown = isChange(change) ? { ...named, others: '(too long to show)' } : named;
    return { before: before && named, after: shown, newSecret };
  });
}

/** Nothing spoke against it a moment ago: somebody else has changed something since. */
function asConflict(error: unknown): never {
  if (error instanceof Failure && error.code.startsWith('auth.'))
    throw new Failure('policy.version_conflict', undefined, { cause: error });
  throw error;
}
