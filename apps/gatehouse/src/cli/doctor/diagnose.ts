import { type Authorization, authorize, giveBack, redeem, refresh } from '../sign-in/authorize.js';
import {
  findAuthorizationServer,
  provokeChallenge,
  readResourceMetadata,
  register,
} from '../sign-in/discover.js';
import type { Loopback } from '../sign-in/loopback.js';
import { Unexpected } from '../sign-in/unexpected.js';
import type { Walk } from '../sign-in/walk.js';
import type { StepReport } from './step-report.js';
import { STEPS } from './steps.js';
import { tryMcp } from './try-mcp.js';

const INITIALIZE = JSON.stringify({
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'gatehouse-doctor', version: '1' },
  },
});

const FIRST_CALL = {
  method: 'POST',
  headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
  body: INITIALIZE,
};

/** All that a client does with a pasted URL, in order. @throws Stopped at the first step that fails */
export async function diagnose(
  report: StepReport,
  url: string,
  { loopback, walk }: { loopback: Loopback; walk: Walk },
): Promise<void> {
  const challenge = await report.step(STEPS.reach, () => provokeChallenge(url, FIRST_CALL));
  const metadata = await report.step(STEPS.resource, () => readResourceMetadata(url, challenge));
  const issuer = metadata.authorization_servers[0] ?? '';
  const server = await report.step(
    STEPS.server,
    () => findAuthorizationServer(issuer),
    () => issuer,
  );
  const config = await report.step(STEPS.register, () => register(server, loopback.redirectUri));
  const scope = challenge.scope ?? metadata.scopes_supported?.join(' ');
  const request = { config, resource: url, scope };
  const authorization = await report.step(STEPS.authorize, () => authorize(request, loopback, walk));
  await useTokens(report, authorization);
}

async function useTokens(report: StepReport, authorization: Authorization): Promise<void> {
  let tokens = await report.step(
    STEPS.token,
    () => redeem(authorization),
    ({ refresh_token }) => (refresh_token === undefined ? 'without a refresh token' : 'with a refresh token'),
  );
  try {
    await tryMcp(report, authorization.resource, tokens.access_token);
    tokens = await report.step(STEPS.refresh, () => refreshed(authorization, tokens.refresh_token));
  } finally {
    await giveBack(authorization, tokens);
  }
}

async function refreshed(authorization: Authorization, refreshToken: string | undefined) {
  if (refreshToken === undefined) throw new Unexpected('no refresh token came with the access token');
  return refresh(authorization, refreshToken);
}
