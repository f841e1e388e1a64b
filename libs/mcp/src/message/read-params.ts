import { RPC, type Refusal } from './fault.js';
import { isObject, lookalike, own, type ClientInfo, type JsonObject } from './message.js';

/** What the gate needs to know of a message's parameters. */
export interface ParamFacts {
  readonly name: string | null;
  readonly era: 'modern' | 'legacy';
  readonly protocolVersion: string | null;
  readonly clientInfo: ClientInfo | null;
}

/** The parameter that names what a method is applied to: the value of `Mcp-Name` where that header is defined. */
const NAME_PARAMETER: ReadonlyMap<string, 'name' | 'uri'> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  ['resources/subscribe', 'uri'],
  ['resources/unsubscribe', 'uri'],
]);

/** Parameters that decide something here, in lower case. */
const JUDGED = new Set(['name', 'uri', 'arguments', '_meta']);

const VERSION = 'io.modelcontextprotocol/protocolVersion';
const CLIENT = 'io.modelcontextprotocol/clientInfo';

const NOTHING: JsonObject = {};

export function readParams(method: string, params: JsonObject | null): ParamFacts | Refusal {
  const given = params ?? NOTHING;
  const twin = lookalike(given, JUDGED);
  if (twin !== null)
    return invalid(`params.${twin}`, 'differs in case only from a name that decides something');
  const meta = own(given, '_meta') ?? NOTHING;
  if (!isObject(meta)) return invalid('params._meta', 'must be an object');
  const parameter = NAME_PARAMETER.get(method);
  const name = parameter === undefined ? null : own(given, parameter);
  if (name !== null && typeof name !== 'string') return invalid(`params.${parameter}`, 'must be a string');
  const version = own(meta, VERSION);
  if (version !== undefined && typeof version !== 'string') {
    return invalid(`params._meta.${VERSION}`, 'must be a string');
  }
  if (version !== undefined) {
    return { name, era: 'modern', protocolVersion: version, clientInfo: clientInfo(own(meta, CLIENT)) };
  }
  const asked = method === 'initialize' ? own(given, 'protocolVersion') : null;
  return {
    name,
    era: 'legacy',
    protocolVersion: typeof asked === 'string' ? asked : null,
    clientInfo: clientInfo(own(given, 'clientInfo')),
  };
}

function clientInfo(value: unknown): ClientInfo | null {
  if (!isObject(value)) return null;
  const name = own(value, 'name');
  const version = own(value, 'version');
  return typeof name === 'string' && typeof version === 'string' ? { name, version } : null;
}

function invalid(place: string, reason: string): Refusal {
  return { code: RPC.invalidParams, place, reason };
}
