import { randomBytes } from 'node:crypto';
import { OAuthClient, signInHeadless } from '@gatehouse/testing';
import { ADMIN, startAuth, type AuthServer } from '../test/auth-server.js';

const TRIES = 2_500;
const AT_A_TIME = 20;

let server: AuthServer;
beforeAll(async () => {
  server = await startAuth();
});
afterAll(() => server.close());

it(`guesses of codes and refresh tokens hit nothing, and end in 429, while whoever has a token goes on`, async () => {
  const { client, refresh_token } = await signInHeadless({
    ...{ resource: server.resource(), metadata: server.metadata, ...ADMIN },
  });
  const answers = new Map<string, number>();
  let last: Response | undefined;
  for (let tried = 0; tried < TRIES; tried += AT_A_TIME)
    for (const response of await Promise.all(
      Array.from({ length: AT_A_TIME }, (_, i) => client.token(guess(i, refresh_token))),
    )) {
      last = response;
      const { error } = (await response.json()) as { error?: string };
      const answer = `${response.status} ${error ?? 'a hit'}`;
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
    }
  expect(Object.fromEntries(answers)).toEqual({
    '400 invalid_grant': 1_000,
    '429 temporarily_unavailable': TRIES - 1_000,
  });
  expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0);
  await expect(client.refresh(refresh_token)).resolves.toBeDefined();
  const other = await OAuthClient.register(server.metadata);
  const refused = await other.token({ grant_type: 'refresh_token', refresh_token });
  expect(await refused.json()).toMatchObject({ error: 'invalid_grant' });
}, 120_000);

/** Codes, refresh tokens, and tokens that differ from a good one by a letter or its length. */
function guess(i: number, good: string): Record<string, string> {
  const code = randomBytes(32).toString('base64url');
  if (i % 2 === 0)
    return { grant_type: 'authorization_code', code, redirect_uri: 'http://127.0.0.1:33418/callback' };
  const near = good.slice(0, -1) + (good.endsWith('A') ? 'B' : 'A');
  const tokens = [code, near, good.slice(0, -1), `${good}A`, good.toLowerCase()];
  return { grant_type: 'refresh_token', refresh_token: tokens[Math.floor(i / 2) % tokens.length] ?? near };
}
