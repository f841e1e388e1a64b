import { Bus, Handle } from '@gatehouse/bus';
import { credentialChanged, deleteCredential } from '@gatehouse/contracts';
import { Credentials } from './credentials.js';

@Handle(deleteCredential)
export class DeleteCredential {
  constructor(
    private readonly credentials: Credentials,
    private readonly bus: Bus,
  ) {}

  async handle({ tenant, server }: { tenant: string; server: string }): Promise<Record<string, never>> {
    const deleted = await this.credentials.delete(tenant, server);
    if (deleted) this.bus.publish(credentialChanged, { tenant, server });
    return {};
  }
}
