import { whyUnreachable } from '@gatehouse/outbound';
import { errors as joseErrors } from 'jose';
import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client';
import { SignInRefused } from '../sign-in-refused.js';

/** Errors of a token endpoint that say: you yourself are wrong (RFC 6749, section 5.2). */
const OUR_FAULT = new Set([
  'invalid_client',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
]);

/**
 * What went wrong between us and a provider, told apart by whose cure it is: wait, set it up rightly, or start again.
 *
 * @param step where it was: `discovery`, `token endpoint` ...
 */
export function providerTrouble(error: unknown, step: string): unknown {
  if (error instanceof SignInRefused) return error;
  const refuse = (reason: SignInRefused['reason'], why: string) =>
    // Some of it is the provider's text, or of whoever speaks in its place.
    new SignInRefused(reason, `${step}: ${why}`.slice(0, 300), { cause: error });
  const way = whyUnreachable(error);
  if (way.includes('private address')) return refuse('misconfigured', `it ${way}`);
  if (error instanceof AuthorizationResponseError)
    return error.error === 'temporarily_unavailable' || error.error === 'server_error'
      ? refuse('unavailable', error.error)
      : refuse('refused_by_provider', [error.error, error.error_description].filter(Boolean).join(': '));
  if (error instanceof ResponseBodyError) return refuse(ofTokenError(error), error.error);
  const status = statusIn(error);
  if (status !== undefined)
    return refuse(status >= 500 ? 'unavailable' : 'misconfigured', `it answered ${status}`);
  if (error instanceof joseErrors.JWKSTimeout) return refuse('unavailable', 'its keys did not come in time');
  if (error instanceof joseErrors.JOSEError)
    // What jose has no code for is a key set that could not be fetched.
    return error.code === 'ERR_JOSE_GENERIC'
      ? refuse('unavailable', error.message)
      : refuse('untrusted', error.message);
  if (error instanceof ClientError && !/^OAUTH_(?:TIMEOUT|ABORT)$/.test(error.code ?? ''))
    return refuse(step === 'discovery' ? 'misconfigured' : 'untrusted', reasonOf(error));
  return isNetwork(error) ? refuse('unavailable', `it ${way}`) : error;
}

function ofTokenError({ error, status }: ResponseBodyError): SignInRefused['reason'] {
  if (status >= 500) return 'unavailable';
  return OUR_FAULT.has(error) ? 'misconfigured' : 'untrusted';
}

/** openid-client hands over the response that it could not use as the cause. */
function statusIn(error: unknown): number | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { cause } = at;
    if (typeof cause === 'object' && cause !== null && 'status' in cause && typeof cause.status === 'number')
      return cause.status === 200 ? undefined : cause.status;
  }
  return undefined;
}

function reasonOf(error: ClientError): string {
  return error.cause instanceof Error ? error.cause.message : error.message;
}

/** `fetch` rejects with a TypeError, and with a DOMException when time is up; openid-client wraps them. */
function isNetwork(error: unknown): boolean {
  return error instanceof TypeError || error instanceof ClientError || error instanceof DOMException;
}
