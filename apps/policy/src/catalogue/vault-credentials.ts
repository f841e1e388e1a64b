import { Bus, seal } from '@gatehouse/bus';
import {
  compareCredential,
  deleteCredential,
  Failure,
  getVaultKey,
  putCredential,
  type PutCredential,
  type RequestContract,
} from '@gatehouse/contracts';
import type { z } from 'zod';

type Credential = z.output<typeof PutCredential>;

/** Servers' shared credentials, which the vault keeps: they leave this process sealed to it, and nothing comes back. */
export class VaultCredentials {
  constructor(private readonly bus: Bus) {}

  /** Whether the vault holds just this credential. */
  async holds(credential: Credential): Promise<boolean> {
    const { equal } = await this.send(compareCredential, credential);
    return equal;
  }

  async put(credential: Credential): Promise<void> {
    await this.send(putCredential, credential);
  }

  /** Has the vault forget a server's credential; fine if it has none. */
  async withdraw(tenant: string, server: string): Promise<void> {
    await this.bus.request(deleteCredential, { tenant, server });
  }

  private async send<Reply extends z.ZodType>(
    contract: RequestContract<typeof putCredential.request, Reply>,
    credential: Credential,
  ): Promise<z.output<Reply>> {
    const attempt = async () => {
      const { key } = await this.bus.request(getVaultKey, {});
      return this.bus.request(contract, { sealed: await seal(credential, key) });
    };
    // Once more if refused: between the two requests the vault may have restarted, with another key.
    return attempt().catch((error: unknown) => {
      if (error instanceof Failure && error.code === 'vault.request_refused') return attempt();
      throw error;
    });
  }
}
