import { Handle } from '@gatehouse/bus';
import { getSnapshot } from '@gatehouse/contracts';
import type { z } from 'zod';
import { Snapshots } from './snapshots.js';

type Request = z.output<typeof getSnapshot.request>;
type Reply = z.input<typeof getSnapshot.reply>;

@Handle(getSnapshot)
export class GetSnapshot {
  constructor(private readonly snapshots: Snapshots) {}

  /** A part that the version in force does not have is empty: the version tells the reader to begin again. */
  async handle({ tenant, part }: Request): Promise<Reply> {
    const { version, parts } = await this.snapshots.current(tenant);
    return { version, parts: parts.length, json: parts[part] ?? '' };
  }
}
