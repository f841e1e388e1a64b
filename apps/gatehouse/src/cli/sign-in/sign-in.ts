import { describeError } from '../describe-error.js';
import { authorize, giveBack, redeem } from './authorize.js';
import { findAuthorizationServer, provokeChallenge, readResourceMetadata, register } from './discover.js';
import { openLoopback } from './loopback.js';
import { Unexpected } from './unexpected.js';
import type { Walk } from './walk.js';

export interface Session {
  accessToken: string;
  /** Gives the tokens back. */
  end(): Promise<void>;
}

/**
 * Signs in to a protected resource knowing only its URL, as MCP clients do.
 *
 * @param resource the audience of the token
 * @param probe an address of it that answers 401 without a token
 * @throws Unexpected saying what came, and what to do
 */
export async function signIn(resource: string, walk: Walk, probe = resource): Promise<Session> {
  const loopback = await openLoopback();
  try {
    const challenge = await provokeChallenge(probe);
    const metadata = await readResourceMetadata(resource, challenge);
    const server = await findAuthorizationServer(metadata.authorization_servers[0] ?? '');
    const config = await register(server, loopback.redirectUri);
    const scope = challenge.scope ?? metadata.scopes_supported?.join(' ');
    const authorization = await authorize({ config, resource, scope }, loopback, walk);
    const tokens = await redeem(authorization);
    return { accessToken: tokens.access_token, end: () => giveBack(authorization, tokens) };
  } catch (error) {
    throw error instanceof Unexpected ? error : new Unexpected(describeError(error));
  } finally {
    loopback.close();
  }
}
