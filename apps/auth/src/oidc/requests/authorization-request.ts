import { parseResource, possibleScopes, scopesOf } from './resource.js';

/** Parameters that we understand. Others are ignored (RFC 6749, section 3.1), where the engine would refuse some. */
const KNOWN = new Set([
  'client_id',
  'code_challenge',
  'code_challenge_method',
  'login_hint',
  'prompt',
  'redirect_uri',
  'request',
  'request_uri',
  'resource',
  'response_mode',
  'response_type',
  'scope',
  'state',
]);

const PROMPTS: Record<string, string | undefined> = {
  none: 'none',
  login: 'login',
  consent: 'consent',
  select_account: 'login',
};

/**
 * Makes an authorization request of a real client one that the engine takes: unknown scopes and prompts are dropped,
 * no scope at all means those which every resource of its kind has. What appears twice is left as it is, to be refused.
 *
 * @param origin our own, to which the resource must belong
 */
export function normalizeAuthorizationRequest(query: URLSearchParams, origin: string): URLSearchParams {
  const known = new URLSearchParams([...query].filter(([name]) => KNOWN.has(name)));
  if (known.getAll('scope').length <= 1) setScope(known, origin);
  if (known.getAll('prompt').length === 1) setPrompt(known);
  // The engine offers every mode it knows; by an unknown name it refuses what we do not offer.
  if (known.has('response_mode') && known.get('response_mode') !== 'query')
    known.set('response_mode', 'unsupported');
  return known;
}

function setScope(query: URLSearchParams, origin: string): void {
  const resource = parseResource(origin, query.get('resource') ?? '');
  if (!resource) return query.delete('scope');
  const kept = possibleScopes(resource, query.get('scope') ?? '');
  query.set('scope', (kept.length > 0 ? kept : scopesOf(resource)).join(' '));
}

function setPrompt(query: URLSearchParams): void {
  const asked = (query.get('prompt') ?? '').split(' ');
  const kept = new Set(asked.map((prompt) => PROMPTS[prompt]).filter((prompt) => prompt !== undefined));
  if (kept.size === 0) query.delete('prompt');
  else query.set('prompt', [...kept].join(' '));
}
