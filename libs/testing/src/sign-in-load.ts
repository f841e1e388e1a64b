import { approve, OAuthClient, type Person, type ServerMetadata, type Tokens } from './oauth-client.js';
import { Browser, left } from './browser.js';

const SIGN_INS_PER_REGISTRATION = 50;

export interface SignInLoad {
  readonly metadata: ServerMetadata;
  /** The MCP server's address. */
  readonly resource: string;
  readonly person: Person;
  readonly count: number;
  /** How many sign in at the same time. */
  readonly concurrency: number;
}

/** Milliseconds from the authorization request to the tokens, as the client sees it, of those that succeeded. */
export interface SignInTimes {
  /** By password: authorization request, sign-in page and form, approval page and form, code, token request. */
  readonly first: number[];
  /** Later in the same browser, with session and approval: authorization request, code, token request. */
  readonly again: number[];
  readonly failures: string[];
}

/**
 * Signs in many times, each time first in a new browser and then once more in it; a client serves 50 of those. All
 * tokens are refreshed, and used at the edge; that is not timed.
 */
export async function loadSignIns(load: SignInLoad): Promise<SignInTimes> {
  const times: SignInTimes = { first: [], again: [], failures: [] };
  let client: Promise<OAuthClient> | undefined;
  let begun = 0;
  const work = async () => {
    while (begun < load.count) {
      if (begun % SIGN_INS_PER_REGISTRATION === 0) client = OAuthClient.register(load.metadata);
      begun += 1;
      await signInTwice(await (client as Promise<OAuthClient>), load, times).catch((error: unknown) =>
        times.failures.push(String(error)),
      );
    }
  };
  await Promise.all(Array.from({ length: load.concurrency }, work));
  return times;
}

async function signInTwice(client: OAuthClient, load: SignInLoad, times: SignInTimes): Promise<void> {
  const { resource, person } = load;
  const browser = new Browser();
  // All of them are one person: who has approved before is asked again only so.
  const asked = client.authorization({ resource, prompt: 'consent' });
  const first = await timed(times.first, async () =>
    client.exchange(await approve(browser, asked, person), asked),
  );
  await use(first, client, resource);
  const again = client.authorization({ resource });
  const second = await timed(times.again, async () =>
    client.exchange(left(await browser.open(again.url, again.redirectUri)), again),
  );
  await use(second, client, resource);
}

async function use(
  { access_token, refresh_token }: Tokens,
  client: OAuthClient,
  resource: string,
): Promise<void> {
  const refreshed = await client.refresh(refresh_token);
  for (const token of [access_token, refreshed.access_token]) {
    const accept = 'application/json, text/event-stream';
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept };
    // The edge judges the token before it reads the message, which is none.
    const { status } = await fetch(resource, { method: 'POST', headers, body: '{}' });
    if (status !== 400) throw new Error(`the edge answered ${status} to a new token`);
  }
}

async function timed<T>(times: number[], work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await work();
  times.push(performance.now() - started);
  return result;
}

/** The value below which so many of the values lie, `share` from 0 to 1. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}
