import { PayloadTooLargeException } from '@nestjs/common';
import { Bus, seal } from '@gatehouse/bus';
import { applyManifests, getPolicyKey } from '@gatehouse/contracts';
import { z } from 'zod';
import { manifestsBody } from '../api/body-format.js';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call, Reply } from '../api/route.js';

/** Bytes, so that with its envelope a message stays under NATS's default limit of 1 MiB. */
const SEALED_LIMIT = 1_000_000;

const apply = route({
  method: 'POST',
  path: '/api/v1/apply',
  summary: 'Apply manifests, all or nothing; with dryRun, only say what would change',
  access: 'admin',
  query: z.strictObject({
    dryRun: z
      .enum(['true', 'false'])
      .default('false')
      .transform((text) => text === 'true'),
  }),
  body: manifestsBody(z.array(z.record(z.string(), z.unknown())).min(1, 'has no manifest')),
  reply: applyManifests.reply,
});

@Endpoint(apply)
export class ApplyManifests {
  constructor(private readonly bus: Bus) {}

  async handle({ caller, query, body }: Call<typeof apply>): Promise<Reply<typeof apply>> {
    const { key } = await this.bus.request(getPolicyKey, {});
    const { tenant, subject } = caller;
    const bundle = { tenant, by: subject.name, dryRun: query.dryRun, documents: body };
    const sealed = await seal(bundle, key);
    if (sealed.length > SEALED_LIMIT)
      throw new PayloadTooLargeException('These manifests are too large for one go: apply them in parts.');
    return this.bus.request(applyManifests, { sealed });
  }
}
