import type { AdapterPayload } from 'oidc-provider';
import type { Log } from '../../log.js';
import type { ClientRow } from '../clients.entity.js';
import type { Clients } from '../clients.store.js';
import type { RegistrationLimit } from '../registration-limit.js';
import { freshSeconds, readDocument, UnusableDocument } from './document.js';

/** The most that a document may have (draft-ietf-oauth-client-id-metadata-document, section 6.6). */
const MAX_BYTES = 5 * 1024;
const FETCH_MS = 2_500;
const RETRY_MS = 5 * 60_000;
/** While its host cannot be reached, a document is believed for this long: nobody is signed out by an outage elsewhere. */
const BELIEVE_MS = 7 * 24 * 3_600_000;
/** The engine asks for a client again when it reports that there is none. */
const REMEMBER_FAILURE_MS = 5_000;

export interface DocumentParts {
  readonly clients: Clients;
  readonly limit: RegistrationLimit;
  readonly fetch: typeof globalThis.fetch;
  readonly log: Log;
}

/**
 * Client ID Metadata Documents: clients whose id is the URL of their description. The database keeps what was fetched,
 * for all replicas and through restarts, since every refresh needs the client: a cache in memory would have to fetch
 * anew after each deploy, and sign everybody out whose client's host is not there just then.
 */
export class ClientDocuments {
  private readonly underway = new Map<string, Promise<AdapterPayload>>();

  constructor(private readonly parts: DocumentParts) {}

  /**
   * What the document at `url` says, as client metadata.
   *
   * @param address of whoever asks: each may bring so many new documents in an hour
   * @throws UnusableDocument
   */
  async find(url: string, address: string): Promise<AdapterPayload> {
    const kept = await this.parts.clients.find(url);
    if (kept && isFresh(kept)) return kept.metadata as AdapterPayload;
    if (!kept) await this.admit(url, address);
    return this.once(url);
  }

  private async admit(url: string, address: string): Promise<void> {
    if (this.underway.has(url)) return;
    const wait = await this.parts.limit.count(address);
    if (wait > 0)
      throw new UnusableDocument(url, `your address brought too many new clients: try again in ${wait} s`);
  }

  /** All who ask at the same time wait for one request. */
  private once(url: string): Promise<AdapterPayload> {
    const underway = this.underway.get(url);
    if (underway) return underway;
    const renewed = this.renew(url);
    this.underway.set(url, renewed);
    const forget = () => void this.underway.delete(url);
    renewed.then(forget, (error: unknown) => {
      if (error instanceof UnusableDocument) setTimeout(forget, REMEMBER_FAILURE_MS).unref();
      else forget();
    });
    return renewed;
  }

  private async renew(url: string): Promise<AdapterPayload> {
    // somebody may have fetched it since this was asked
    const kept = await this.parts.clients.find(url);
    if (kept && isFresh(kept)) return kept.metadata as AdapterPayload;
    try {
      return await this.fetchAndKeep(url);
    } catch (error) {
      const away = error instanceof UnusableDocument && error.unreachable;
      if (!away || !kept || !isBelievable(kept)) throw error;
      this.parts.log.warn(
        { err: error, url },
        'a client document cannot be had: what it said last still counts',
      );
      await this.parts.clients.prolong(url, new Date(Date.now() + RETRY_MS));
      return kept.metadata as AdapterPayload;
    }
  }

  private async fetchAndKeep(url: string): Promise<AdapterPayload> {
    const { text, headers } = await this.load(url);
    const metadata = readDocument(url, text);
    const freshUntil = new Date(Date.now() + freshSeconds(headers) * 1_000);
    await this.parts.clients.keepDocument(url, metadata, freshUntil);
    return metadata;
  }

  private async load(url: string): Promise<{ text: string; headers: Headers }> {
    try {
      const response = await this.parts.fetch(url, {
        headers: { accept: 'application/json' },
        signal: AbortSignal.timeout(FETCH_MS),
      });
      if (response.status !== 200) {
        await response.body?.cancel();
        const again = response.status >= 500 || response.status === 429;
        throw new UnusableDocument(url, `its host answered ${response.status}`, again);
      }
      return { text: await readText(url, response), headers: response.headers };
    } catch (error) {
      if (error instanceof UnusableDocument) throw error;
      this.parts.log.warn({ err: error, url }, 'a client document could not be fetched');
      // Why stays in the log: a stranger asks, and would learn which names lead inside.
      throw new UnusableDocument(url, 'it could not be fetched', true, error);
    }
  }
}

/** @throws UnusableDocument if there is more than {@link MAX_BYTES}, which is then not read */
async function readText(url: string, response: Response): Promise<string> {
  const tooLarge = new UnusableDocument(url, `it is larger than ${MAX_BYTES} bytes`);
  if (Number(response.headers.get('content-length') ?? 0) > MAX_BYTES) {
    await response.body?.cancel();
    throw tooLarge;
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function isFresh({ freshUntil }: ClientRow): boolean {
  return freshUntil !== null && freshUntil.getTime() > Date.now();
}

function isBelievable({ fetched }: ClientRow): boolean {
  return fetched !== null && fetched.getTime() > Date.now() - BELIEVE_MS;
}
