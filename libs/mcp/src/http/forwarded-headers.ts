import { toFault, type Fault } from '../message/fault.js';
import { isSafeFieldValue } from './field-value.js';
import type { HeaderFields } from './headers-agree.js';

/**
 * What a client's request passes on to the upstream. Whatever is not named stays here: credentials, cookies, `x-tfy-*`,
 * proxy and hop-by-hop headers need no list of their own. `baggage` stays too: it carries values meant for the sender's
 * own systems.
 */
const REQUEST_HEADERS = new Set([
  'accept',
  'content-type',
  'last-event-id',
  'mcp-method',
  'mcp-name',
  'mcp-protocol-version',
  'traceparent',
  'tracestate',
]);
/** One header for each parameter marked `x-mcp-header` in a tool's schema. */
const PARAMETER_PREFIX = 'mcp-param-';

/** What an upstream's answer passes back. `mcp-session-id` is sealed first, so it is not here. */
const RESPONSE_HEADERS = [
  'allow',
  'content-type',
  'mcp-protocol-version',
  'retry-after',
  'x-accel-buffering',
];

/** Read here, or by the upstream, as one value: a second one would let two readers choose differently. */
const SINGLE_HEADERS = new Set([
  'authorization',
  'content-length',
  'content-type',
  'host',
  'last-event-id',
  'mcp-method',
  'mcp-name',
  'mcp-protocol-version',
  'mcp-session-id',
  'origin',
  'traceparent',
  'x-tfy-api-key',
  'x-tfy-mcp-headers',
  'x-tfy-metadata',
]);

/**
 * The fault in a request's header section, or null: a header repeated that may come once only, or a value that cannot be
 * passed on. Node itself keeps the first `Authorization` and `Host` and says nothing.
 * @param rawHeaders name, value, name, value ... as they came (`req.rawHeaders`)
 */
export function faultOfHeaders(rawHeaders: readonly string[]): Fault | null {
  const seen: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase();
    if (SINGLE_HEADERS.has(name)) {
      if (seen.includes(name)) return toFault({ place: name, reason: 'is repeated' });
      seen.push(name);
    }
    if (isForwarded(name) && !isSafeFieldValue(rawHeaders[i + 1]!)) {
      return toFault({ place: name, reason: 'contains a character that a header cannot carry' });
    }
  }
  return null;
}

/** The headers for the upstream's request, name, value, name, value ...; names in lower case. */
export function forwardedRequestHeaders(rawHeaders: readonly string[]): string[] {
  const forwarded: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase();
    if (isForwarded(name)) forwarded.push(name, rawHeaders[i + 1]!);
  }
  return forwarded;
}

function isForwarded(name: string): boolean {
  return REQUEST_HEADERS.has(name) || name.startsWith(PARAMETER_PREFIX);
}

/** The headers for the client's response. One that is repeated, or that a header cannot carry, is left out. */
export function forwardedResponseHeaders(upstream: HeaderFields): Record<string, string> {
  const forwarded: Record<string, string> = {};
  for (const name of RESPONSE_HEADERS) {
    const value = upstream[name];
    if (typeof value === 'string' && isSafeFieldValue(value)) forwarded[name] = value;
  }
  return forwarded;
}
