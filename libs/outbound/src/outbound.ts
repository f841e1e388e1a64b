import { isIP } from 'node:net';
import { Agent, buildConnector, errors, fetch as undiciFetch, ProxyAgent, type Dispatcher } from 'undici';
import { UnreachableByRule, type Reachable } from './reachable.js';

export interface OutboundLimits {
  /** For connecting, for the head and for the body each. */
  readonly timeoutMs: number;
  readonly responseBytes: number;
}

export interface OutboundOptions extends Partial<OutboundLimits> {
  /** An HTTP proxy through which everything goes. Names are then looked up, and judged, by it. */
  readonly proxy?: string | undefined;
}

const LIMITS: OutboundLimits = { timeoutMs: 5_000, responseBytes: 1_048_576 };

/**
 * A connector that leads to allowed addresses only. What is checked is what is connected to: a name cannot point
 * elsewhere between the two.
 */
export function guardedConnector(reachable: Reachable, timeoutMs: number): buildConnector.connector {
  const connectors = new Map<number, buildConnector.connector>();
  return (target, callback) => {
    const port = portOf(target);
    try {
      refusePrivateAddress(reachable, target);
    } catch (error) {
      return callback(error as Error, null);
    }
    let connect = connectors.get(port);
    if (!connect) {
      connect = buildConnector({ timeout: timeoutMs, lookup: reachable.lookupFor(port) });
      connectors.set(port, connect);
    }
    connect(target, callback);
  };
}

type Target = Pick<buildConnector.Options, 'hostname' | 'port' | 'protocol'>;

function portOf({ port, protocol }: Target): number {
  return Number(port || (protocol === 'https:' ? 443 : 80));
}

/** An address in the URL itself is never looked up. @throws UnreachableByRule */
function refusePrivateAddress(reachable: Reachable, target: Target): void {
  const host = target.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !reachable.allows(host, portOf(target))) throw new UnreachableByRule(host);
}

/**
 * `fetch` for addresses that somebody outside has chosen: documents of clients, keys of issuers, identity providers.
 * Allowed addresses only, http and https only, no redirects, bounded in time and size.
 */
export class Outbound {
  private readonly agent: Dispatcher;
  private readonly limits: OutboundLimits;

  constructor(
    private readonly reachable: Reachable,
    { proxy, ...limits }: OutboundOptions = {},
  ) {
    this.limits = { ...LIMITS, ...limits };
    const { timeoutMs, responseBytes } = this.limits;
    const options = {
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      maxResponseSize: responseBytes,
      keepAliveTimeout: 10_000,
    };
    this.agent =
      proxy === undefined
        ? new Agent({ ...options, connect: guardedConnector(reachable, timeoutMs) })
        : new ProxyAgent({ ...options, uri: proxy });
  }

  /** Rejects as `fetch` does; {@link whyUnreachable} puts the reason into words. */
  readonly fetch: typeof globalThis.fetch = async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (!/^https?:$/.test(url.protocol)) throw new TypeError('a URL must begin with https:// or http://');
    if (url.username !== '' || url.password !== '') throw new TypeError('a URL must not hold credentials');
    // The connector asks again, but for a proxy nobody would.
    refusePrivateAddress(this.reachable, url);
    const headers = new Headers(init.headers);
    // A compressed answer could unfold to any size.
    headers.set('accept-encoding', 'identity');
    const deadline = AbortSignal.timeout(this.limits.timeoutMs * 2);
    const signal = init.signal ? AbortSignal.any([init.signal, deadline]) : deadline;
    const bounded = { ...init, headers, signal, redirect: 'manual', dispatcher: this.agent };
    const response = await (undiciFetch as unknown as typeof globalThis.fetch)(url, bounded as RequestInit);
    if (response.headers.has('content-encoding')) throw new TypeError('the answer is compressed, unasked');
    return response;
  };

  async close(): Promise<void> {
    await this.agent.destroy();
  }
}

/** Why a fetch failed, as a clause for a person: `it …`. Never more than that about our network. */
export function whyUnreachable(error: unknown): string {
  const causes = causesOf(error);
  const some = (...kinds: Array<abstract new (...args: never[]) => unknown>) =>
    causes.some((cause) => kinds.some((kind) => cause instanceof kind));
  if (some(UnreachableByRule)) return 'is at a private address that GATEHOUSE_ALLOW_PRIVATE does not open';
  if (some(errors.ResponseExceededMaxSizeError)) return 'answered with more than may be read';
  if (
    some(errors.HeadersTimeoutError, errors.BodyTimeoutError, errors.ConnectTimeoutError) ||
    causes.some((cause) => cause instanceof DOMException && cause.name === 'TimeoutError')
  )
    return 'did not answer in time';
  return 'cannot be reached';
}

function causesOf(error: unknown): unknown[] {
  return error instanceof Error ? [error, ...causesOf(error.cause)] : error === undefined ? [] : [error];
}
