import type { CallRecord } from '@gatehouse/contracts';
import type { Relay } from '../upstream/relay.js';

/** Times one call, in milliseconds to a hundredth. */
export class Clock {
  private sent: number | null = null;

  /** @param arrived when the request came in, on the clock of `performance.now()` */
  constructor(private readonly arrived: number) {}

  /** The call leaves for the upstream now. */
  left(): void {
    this.sent = performance.now();
  }

  /** What the record says of time and size. */
  measured(record: CallRecord, relay: Relay | null): Pick<CallRecord, 'latencyMs' | 'bytes' | 'credential'> {
    const now = performance.now();
    const upstream = this.sent === null ? 0 : now - this.sent;
    return {
      latencyMs: { total: hundredths(now - this.arrived), upstream: hundredths(upstream) },
      bytes: { in: record.bytes.in, out: relay?.bytesOut ?? 0 },
      credential: record.credential,
    };
  }
}

function hundredths(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100;
}
