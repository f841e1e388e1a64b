import { Bus, seal } from '@gatehouse/bus';
import {
  applyAccessManifests,
  Failure,
  getAuthKey,
  type AccessManifests,
  type Change,
} from '@gatehouse/contracts';
import type { z } from 'zod';
import { diff } from './diff.js';

/** Bytes, so that with its envelope a message stays under the broker's usual limit of 1 MiB. */
const SEALED_LIMIT = 1_000_000;

/** Teams, service accounts and identity providers, which auth keeps. They leave this process sealed to it. */
export class AccessAtAuth {
  constructor(private readonly bus: Bus) {}

  /** @throws Failure `policy.invalid_manifest`, `policy.version_conflict`; or the bus's, where auth could not be asked */
  async apply(manifests: AccessManifests): Promise<Array<z.output<typeof Change>>> {
    if (manifests.documents.length === 0) return [];
    const { key } = await this.bus.request(getAuthKey, {});
    const sealed = await seal(manifests, key);
    if (sealed.length > SEALED_LIMIT)
      throw new Failure('policy.invalid_manifest', 'They are too large for one go: apply them in parts.');
    const { changes } = await this.bus.request(applyAccessManifests, { sealed });
    return changes.map(({ before, after, newSecret }) => {
      const lines = diff(before, after);
      if (newSecret) lines.push('client_secret: [secret] -> [secret]');
      const action = before === null ? 'create' : lines.length > 0 ? 'update' : 'none';
      return { kind: String(after['type']), name: String(after['name']), action, diff: lines };
    });
  }
}
