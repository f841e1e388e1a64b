import { appendRecords, Failure, type CallRecord, type FailureCode } from '@gatehouse/contracts';
import type { Bus } from '@gatehouse/bus';
import type { Logger } from '@gatehouse/runtime';
import type { Journal } from './journal.js';

/** Records that gather for this long travel together. */
const GATHER_MS = 50;
const RETRY_FIRST_MS = 250;
const RETRY_LAST_MS = 5_000;
const BATCH_RECORDS = 200;
/** A broker's usual limit is 1 MiB a message. */
const BATCH_BYTES = 512 * 1024;
/** Faults of the message, not of the moment. */
const HOPELESS: ReadonlySet<FailureCode> = new Set(['bus.bad_message']);

/** Carries finished records from the journal to audit, in batches, for as long as it takes. */
export class Shipper {
  private timer: NodeJS.Timeout | null = null;
  private shipping: Promise<void> | null = null;
  private retryMs = RETRY_FIRST_MS;
  private closed = false;

  constructor(
    private readonly journal: Journal,
    private readonly bus: Bus,
    private readonly log: Logger,
  ) {
    journal.onReady = () => this.schedule(GATHER_MS);
    if (journal.backlog > 0) this.schedule(0);
  }

  /** Ships what is ready now, once; the rest stays on the disk for the next process. */
  async close(): Promise<void> {
    this.closed = true;
    if (this.timer) clearTimeout(this.timer);
    await this.shipping;
    await this.shipAll().catch(() => undefined);
  }

  private schedule(delayMs: number): void {
    if (this.closed || this.timer || this.shipping) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.shipping = this.run();
    }, delayMs);
  }

  private async run(): Promise<void> {
    let again = GATHER_MS;
    try {
      await this.shipAll();
      this.retryMs = RETRY_FIRST_MS;
    } catch (error) {
      this.log.warn({ err: error, backlog: this.journal.backlog }, 'records cannot be shipped to audit yet');
      again = this.retryMs;
      this.retryMs = Math.min(this.retryMs * 2, RETRY_LAST_MS);
    }
    this.shipping = null;
    if (this.journal.backlog > 0) this.schedule(again);
  }

  private async shipAll(): Promise<void> {
    for (let batch = this.nextBatch(); batch.length > 0; batch = this.nextBatch()) {
      try {
        await this.ship(batch);
      } catch (error) {
        this.journal.putBack(batch);
        throw error;
      }
    }
  }

  /** A record that audit cannot take for good must not hold up the others: it stays in the journal, and is tried at the next start. */
  private async ship(batch: readonly CallRecord[]): Promise<void> {
    try {
      await this.bus.request(appendRecords, { records: [...batch] });
      await this.journal.release(batch);
    } catch (error) {
      if (!(error instanceof Failure) || !HOPELESS.has(error.code)) throw error;
      const [first, ...more] = batch;
      if (more.length > 0) for (const record of batch) await this.ship([record]);
      else
        this.log.error(
          { err: error, call: first?.id },
          'a record was refused by audit, and is kept in the journal',
        );
    }
  }

  private nextBatch(): CallRecord[] {
    const records = this.journal.take(BATCH_RECORDS);
    let bytes = 0;
    const fits = records.findIndex((record) => (bytes += JSON.stringify(record).length) > BATCH_BYTES);
    const count = fits === -1 ? records.length : Math.max(1, fits);
    this.journal.putBack(records.slice(count));
    return records.slice(0, count);
  }
}
