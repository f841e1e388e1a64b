import type { TransportKey } from '@gatehouse/bus';
import type { Callers } from '@gatehouse/caller';
import { Failure, LeaseRequest } from '@gatehouse/contracts';
import type { Logger } from '@gatehouse/runtime';
import type { z } from 'zod';
import { openRequest, type SealedRequest } from '../open-request.js';
import { refused } from '../refused.js';
import { Nonces } from './nonces.js';

type LeaseRequest = z.output<typeof LeaseRequest>;

/** How far, in milliseconds, a request's time may be from ours. */
const FRESH_MS = 30_000;

/** Decides which lease requests are answered. The caller is not told why one is not; the log is. */
export class LeaseAdmission {
  private readonly nonces = new Nonces();

  constructor(
    private readonly key: TransportKey,
    private readonly callers: Callers,
    private readonly publicUrl: string,
    private readonly log: Logger,
  ) {}

  /** @throws Failure `vault.request_refused`; a 503 failure if the caller's token cannot be checked now */
  async admit(sealed: SealedRequest): Promise<LeaseRequest> {
    let request: LeaseRequest | undefined;
    try {
      request = await openRequest(this.key, sealed, LeaseRequest);
      this.requireFresh(request);
      this.requireOwnResource(request);
      await this.requireGoodToken(request);
      // last, so that only requests with a good token take up memory
      this.requireUnseen(request);
      return request;
    } catch (error) {
      if (error instanceof Failure && error.code === 'vault.request_refused') this.note(error, request);
      throw error;
    }
  }

  private requireFresh({ issuedAt }: LeaseRequest): void {
    const age = Date.now() - issuedAt;
    if (Math.abs(age) > FRESH_MS) throw refused(`it was issued ${age} ms ago by our clock`);
  }

  private requireOwnResource({ tenant, server, resource }: LeaseRequest): void {
    if (resource !== `${this.publicUrl}/${tenant}/mcp/${server}/server`)
      throw refused('its resource is not the URL of the server that it names');
  }

  /** The caller's own, so that the vault need not believe the edge. */
  private async requireGoodToken({ token, resource, tenant }: LeaseRequest): Promise<void> {
    try {
      await this.callers.identify(token, { resource, tenant });
    } catch (error) {
      const bad = error instanceof Failure && error.code === 'caller.unauthenticated';
      throw bad ? refused(`the caller's token: ${String(error.cause)}`) : error;
    }
  }

  private requireUnseen({ nonce }: LeaseRequest): void {
    if (!this.nonces.claim(nonce)) throw refused('its nonce was used before, or too many are in use');
  }

  private note({ cause }: Failure, request: LeaseRequest | undefined): void {
    const reason = cause instanceof Error ? cause.message : 'unknown';
    this.log.warn({ tenant: request?.tenant, server: request?.server, reason }, 'a lease was refused');
  }
}
