import { RPC, toFault, type Fault } from '../message/fault.js';
import { isObject, type JsonObject } from '../message/message.js';
import { scanJson } from '../message/scan-json.js';
import { isSafeFieldValue } from './field-value.js';

const MCP_HEADERS = 'x-tfy-mcp-headers';
const METADATA = 'x-tfy-metadata';

/** Bytes of one header's value: Node gives one character for each. */
const LONGEST_VALUE = 8 * 1_024;
const MOST_HEADERS = 32;
const MOST_METADATA = 32;
const LONGEST_METADATA = 128;

/** A field name (RFC 9110, section 5.1) without `_`, which some upstreams read as `-`. */
const FIELD_NAME = /^[!#$%&'*+.^`|~0-9A-Za-z-]+$/;

/** Never passed on: hop by hop, of the body, of the transport, of the gate, of proxies, or another method in disguise. */
const NEVER_FORWARDED = new RegExp(
  '^(?:connection|keep-alive|proxy-.*|te|trailers?|transfer-encoding|upgrade|http2-settings|host|content-.*|expect|' +
    'cookie2?|set-cookie2?|accept|accept-encoding|last-event-id|mcp-.*|x-tfy-.*|x-forwarded-.*|forwarded|' +
    'x-http-method.*|x-method-override)$',
);

/** What a server's registration says about headers; names in lower case. */
export interface HeaderRegistration {
  readonly server: string;
  /** Those which the registration, or its credential, puts on. `authorization` counts as one always. */
  readonly puts: ReadonlySet<string>;
  /** Those of them which a caller may set instead. */
  readonly accepts: ReadonlySet<string>;
}

export type McpHeaders =
  | { readonly ok: true; readonly headers: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly fault: Fault };

/**
 * Reads `x-tfy-mcp-headers`, a JSON string `{"<server>": {"<Header>": "<value>"}}`, and gives the headers for one server,
 * names in lower case. An entry for another server must be well formed and is otherwise ignored.
 */
export function parseMcpHeaders(headerValue: string, registration: HeaderRegistration): McpHeaders {
  const entries = readObject(MCP_HEADERS, headerValue);
  if (entries instanceof Refused) return entries;
  let headers: Record<string, string> = {};
  for (const [server, entry] of Object.entries(entries)) {
    const fields = readFields(server, entry);
    if (fields instanceof Refused) return fields;
    if (server === registration.server) headers = fields;
  }
  for (const name of Object.keys(headers)) {
    const reason = refusalOf(name, registration);
    if (reason !== null) return new Refused(MCP_HEADERS, reason, `${registration.server}.${name}`);
  }
  return { ok: true, headers };
}

function readFields(server: string, entry: unknown): Record<string, string> | Refused {
  if (!isObject(entry)) return new Refused(MCP_HEADERS, 'must be an object of headers', server);
  const fields = Object.entries(entry);
  if (fields.length > MOST_HEADERS)
    return new Refused(MCP_HEADERS, `more than ${MOST_HEADERS} headers`, server);
  const headers: Record<string, string> = {};
  for (const [written, value] of fields) {
    const name = written.toLowerCase();
    const reason = Object.hasOwn(headers, name) ? 'this header is repeated' : faultOfField(written, value);
    if (reason !== null) return new Refused(MCP_HEADERS, reason, `${server}.${written}`);
    headers[name] = value as string;
  }
  return headers;
}

function faultOfField(name: string, value: unknown): string | null {
  if (!FIELD_NAME.test(name)) return 'this is not the name of a header';
  if (typeof value !== 'string') return 'must be a string';
  return isSafeFieldValue(value) ? null : 'contains a character that a header cannot carry';
}

function refusalOf(name: string, { puts, accepts }: HeaderRegistration): string | null {
  if (NEVER_FORWARDED.test(name)) return 'this header is never passed on';
  const isPutOn = name === 'authorization' || puts.has(name);
  return isPutOn && !accepts.has(name)
    ? "this server's registration does not let a caller set this header"
    : null;
}

export type Metadata =
  | { readonly ok: true; readonly metadata: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly fault: Fault };

/** Reads `x-tfy-metadata`, a JSON string of at most 32 string names and values, each of at most 128 characters. */
export function parseMetadata(headerValue: string): Metadata {
  const entries = readObject(METADATA, headerValue);
  if (entries instanceof Refused) return entries;
  const names = Object.keys(entries);
  if (names.length > MOST_METADATA) return new Refused(METADATA, `more than ${MOST_METADATA} entries`);
  const metadata: Record<string, string> = {};
  for (const name of names) {
    const value = entries[name];
    if (typeof value !== 'string') return new Refused(METADATA, 'must be a string', name);
    if (name.length > LONGEST_METADATA || value.length > LONGEST_METADATA) {
      return new Refused(METADATA, `longer than ${LONGEST_METADATA} characters`, name);
    }
    metadata[name] = value;
  }
  return { ok: true, metadata };
}

function readObject(header: string, value: string): JsonObject | Refused {
  if (value.length > LONGEST_VALUE) return new Refused(header, `larger than ${LONGEST_VALUE} bytes`);
  const { fault } = scanJson(value);
  if (fault !== null) return new Refused(header, fault.reason, fault.place);
  let root: unknown;
  try {
    root = JSON.parse(value);
  } catch {
    return new Refused(header, 'is not JSON');
  }
  return isObject(root) ? root : new Refused(header, 'must be a JSON object');
}

/** A class, so that no JSON a client sends can look like it. */
class Refused {
  readonly ok = false;
  readonly fault: Fault;

  constructor(header: string, reason: string, path = '') {
    // A name in the path is the client's own text: as much of it as helps to find the place.
    const place = path === '' ? header : `${header}: ${path.slice(0, 200)}`;
    this.fault = toFault({ code: RPC.invalidParams, place, reason });
  }
}
