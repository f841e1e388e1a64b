import { Handle, TransportKey } from '@gatehouse/bus';
import { applyManifests, ManifestBundle } from '@gatehouse/contracts';
import type { z } from 'zod';
import { Manifests } from './manifests.js';
import { numbered, readManifests } from './read-manifests.js';

type Request = z.output<typeof applyManifests.request>;
type Reply = z.input<typeof applyManifests.reply>;

/** Characters of a reply's changes, so that it stays under the broker's usual limit of 1 MiB. */
const REPLY_LIMIT = 300_000;

@Handle(applyManifests)
export class ApplyManifests {
  constructor(
    private readonly key: TransportKey,
    private readonly manifests: Manifests,
  ) {}

  async handle({ sealed }: Request): Promise<Reply> {
    const { documents, dryRun, ...asked } = await this.key.open(sealed, ManifestBundle);
    const manifests = readManifests(numbered(documents));
    return { changes: fitting(await this.manifests.apply(asked, manifests, dryRun)) };
  }
}

/** What was applied must not fail for the length of its description. */
function fitting(changes: Reply['changes']): Reply['changes'] {
  if (JSON.stringify(changes).length <= REPLY_LIMIT) return changes;
  return changes.map((change) => ({ ...change, diff: [`(${change.diff.length} lines, left out)`] }));
}
