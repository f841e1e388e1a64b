import { randomBytes } from 'node:crypto';
import {
  CredentialLease,
  credentialChanged,
  Failure,
  getVaultKey,
  leaseCredential,
  type LeaseRequest,
} from '@gatehouse/contracts';
import { seal, type Bus, type TransportKey } from '@gatehouse/bus';
import type { z } from 'zod';

/** A credential that the vault lent to this edge. */
export interface Lease {
  readonly credential: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** For which server a lease is asked, and how to come by the caller's token if the vault has to be asked. */
export interface LeaseFor {
  readonly tenant: string;
  readonly server: string;
  readonly resource: string;
  readonly token: () => string;
}

type VaultKey = z.output<(typeof getVaultKey)['reply']>['key'];

/** Credentials leased from the vault: sealed to this edge, in memory only, for as long as the vault allows. */
export class Leases {
  private readonly leases = new Map<string, Lease & { until: number }>();
  private readonly asking = new Map<string, Promise<Lease>>();
  private vaultKey: VaultKey | null = null;

  constructor(
    private readonly bus: Bus,
    private readonly key: TransportKey,
  ) {
    bus.subscribe(credentialChanged, ({ tenant, server }) => this.drop(tenant, server));
  }

  /** The lease if it is at hand, else a promise of it. */
  get(target: LeaseFor): Lease | Promise<Lease> {
    const name = `${target.tenant}/${target.server}`;
    const kept = this.leases.get(name);
    if (kept !== undefined && kept.until > Date.now()) return kept;
    const asked = this.asking.get(name);
    if (!asked) return this.ask(name, target);
    // what the vault refused to somebody else says nothing about this caller
    return asked.catch((error: unknown) => {
      if (!isRefusal(error)) throw error;
      return this.ask(name, target);
    });
  }

  drop(tenant: string, server: string): void {
    this.leases.delete(`${tenant}/${server}`);
    this.asking.delete(`${tenant}/${server}`);
  }

  /** Forgets everything: changes may have been missed. */
  clear(): void {
    this.leases.clear();
    this.asking.clear();
  }

  /** Forgets credentials whose time is over, so that none stays in memory after its last use. */
  sweep(): void {
    for (const [name, lease] of this.leases) if (lease.until <= Date.now()) this.leases.delete(name);
  }

  private ask(name: string, target: LeaseFor): Promise<Lease> {
    const answer: Promise<Lease> = this.lease(target)
      .then((lease) => {
        // a change that arrived meanwhile has removed this question: then the answer is used once, not kept
        if (this.asking.get(name) === answer)
          this.leases.set(name, { ...lease, until: Date.now() + lease.keepMs });
        return lease;
      })
      .finally(() => {
        if (this.asking.get(name) === answer) this.asking.delete(name);
      });
    this.asking.set(name, answer);
    return answer;
  }

  private async lease(target: LeaseFor): Promise<CredentialLease> {
    const knownKey = this.vaultKey;
    try {
      return await this.request(target, knownKey ?? (await this.fetchVaultKey()));
    } catch (error) {
      // a vault that restarted has another key and cannot read what was sealed to its old one
      if (!isRefusal(error) || knownKey === null) throw error;
      return this.request(target, await this.fetchVaultKey());
    }
  }

  private async request(target: LeaseFor, vaultKey: VaultKey): Promise<CredentialLease> {
    const body: z.input<typeof LeaseRequest> = {
      ...target,
      token: target.token(),
      nonce: randomBytes(16).toString('base64url'),
      issuedAt: Date.now(),
      recipient: this.key.publicJwk,
    };
    const reply = await this.bus.request(leaseCredential, { sealed: await seal(body, vaultKey) });
    return this.key.open(reply.sealed, CredentialLease);
  }

  private async fetchVaultKey(): Promise<VaultKey> {
    const { key } = await this.bus.request(getVaultKey, {});
    this.vaultKey = key;
    return key;
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof Failure && error.code === 'vault.request_refused';
}
