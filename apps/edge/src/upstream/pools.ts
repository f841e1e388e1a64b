import { Failure } from '@gatehouse/contracts';
import { guardedConnector, type Reachable } from '@gatehouse/outbound';
import { errors, Pool, type Dispatcher } from 'undici';

export interface UpstreamRequest {
  readonly url: URL;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Name, value, name, value. */
  readonly headers: string[];
  readonly body: Buffer | null;
}

const CALLS_PER_ORIGIN = 256;
const STREAMS_PER_ORIGIN = 20_000;

/**
 * Connections to upstreams. Calls and standing GET streams have pools of their own: open streams hold their
 * connections, and would starve the calls.
 */
export class UpstreamPools {
  private readonly calls = new Map<string, Pool>();
  private readonly streams = new Map<string, Pool>();

  constructor(
    private readonly reachable: Reachable,
    private readonly timeoutMs: number,
  ) {}

  /** Sends one request, once: nothing here ever repeats one that may have run. */
  send(request: UpstreamRequest, handler: Dispatcher.DispatchHandler): void {
    const streaming = request.method === 'GET';
    const { url } = request;
    const pool = this.pool(streaming ? this.streams : this.calls, url, streaming);
    pool.dispatch(
      {
        origin: url.origin,
        path: url.pathname + url.search,
        method: request.method,
        headers: request.headers,
        body: request.body,
      },
      handler,
    );
  }

  async close(): Promise<void> {
    await Promise.all([...this.calls.values(), ...this.streams.values()].map((pool) => pool.destroy()));
  }

  private pool(pools: Map<string, Pool>, url: URL, streaming: boolean): Pool {
    let pool = pools.get(url.origin);
    if (!pool) {
      pool = new Pool(url.origin, {
        connections: streaming ? STREAMS_PER_ORIGIN : CALLS_PER_ORIGIN,
        pipelining: 1,
        headersTimeout: this.timeoutMs,
        bodyTimeout: streaming ? 0 : this.timeoutMs,
        connect: guardedConnector(this.reachable, Math.min(this.timeoutMs, 10_000)),
      });
      pools.set(url.origin, pool);
    }
    return pool;
  }
}

/** What an error on the way to the upstream, or within its answer, means for the client. */
export function upstreamFailure(error: Error): Failure {
  if (
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError ||
    error instanceof errors.ConnectTimeoutError
  )
    return new Failure('edge.upstream_late', undefined, { cause: error });
  const broken = error instanceof errors.HTTPParserError || error instanceof errors.ResponseError;
  return new Failure(broken ? 'edge.upstream_broken' : 'edge.upstream_unreachable', undefined, {
    cause: error,
  });
}
