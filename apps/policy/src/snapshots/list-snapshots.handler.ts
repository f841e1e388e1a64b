import { Handle } from '@gatehouse/bus';
import { listSnapshots } from '@gatehouse/contracts';
import type { z } from 'zod';
import { Versions } from './versions.js';

@Handle(listSnapshots)
export class ListSnapshots {
  constructor(private readonly versions: Versions) {}

  async handle(): Promise<z.input<typeof listSnapshots.reply>> {
    return { versions: await this.versions.inForce() };
  }
}
