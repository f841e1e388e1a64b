import { TransportKey, type Bus } from '@gatehouse/bus';
import {
  compareCredential,
  deleteCredential,
  Failure,
  getVaultKey,
  putCredential,
  PutCredential,
} from '@gatehouse/contracts';

/** Plays the vault: keeps credentials in memory and notes what it was asked. */
export class FakeVault {
  readonly credentials = new Map<string, Record<string, string>>();
  readonly log: string[] = [];
  /** Called before each put and delete, as a place to fail or to look around. */
  before: (act: string, headers?: Record<string, string>) => Promise<void> | void = () => undefined;

  /** Called before credentials are compared. */
  compare: () => void = () => undefined;

  static async on(bus: Bus): Promise<FakeVault> {
    const vault = new FakeVault();
    const key = await TransportKey.create();
    bus.handle(getVaultKey, () => ({ key: key.publicJwk }));
    bus.handle(compareCredential, async ({ sealed }) => {
      vault.compare();
      const { tenant, server, headers } = await key.open(sealed, PutCredential);
      return {
        equal: JSON.stringify(vault.credentials.get(`${tenant}/${server}`)) === JSON.stringify(headers),
      };
    });
    bus.handle(putCredential, async ({ sealed }) => {
      const { tenant, server, headers } = await key.open(sealed, PutCredential);
      await vault.note(`put ${tenant}/${server}`, headers);
      vault.credentials.set(`${tenant}/${server}`, headers);
      return { credential: 'id' };
    });
    bus.handle(deleteCredential, async ({ tenant, server }) => {
      await vault.note(`delete ${tenant}/${server}`);
      vault.credentials.delete(`${tenant}/${server}`);
      return {};
    });
    return vault;
  }

  /** Fails the next act that begins so, as if the vault had died. */
  failAt(start: string): void {
    this.before = (act) => {
      if (!act.startsWith(start)) return;
      this.before = () => undefined;
      throw new Failure('database.unavailable');
    };
  }

  private async note(act: string, headers?: Record<string, string>): Promise<void> {
    await this.before(act, headers);
    this.log.push(act);
  }
}
