import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { Failure } from '@gatehouse/contracts';
import { forwardedResponseHeaders } from '@gatehouse/mcp';
import type { Dispatcher } from 'undici';
import { upstreamFailure } from './pools.js';

export interface RelayOptions {
  /** Bytes of the answer that are kept aside for the record. */
  readonly captureBytes: number;
  /** Turns the upstream's session id into the one that the client gets. */
  readonly sealSession: (upstreamId: string) => string | null;
  /** Where set, the answer's body is gathered and sent rewritten. */
  readonly rewrite?: ((body: Buffer, contentType: string) => Buffer) | undefined;
}

/** Most bytes of an answer that has to be read before it can be sent (a filtered list). */
const REWRITE_LIMIT = 16 * 1024 * 1024;

/** Carries one answer from the upstream to the client, frame by frame, at the client's speed. */
export class Relay implements Dispatcher.DispatchHandler {
  status = 0;
  contentType = '';
  bytesOut = 0;
  /** The answer's first `captureBytes` bytes; all of it unless `bytesOut` is larger. */
  readonly captured: Buffer[] = [];
  private capturedBytes = 0;
  private readonly gathered: Buffer[] = [];
  private contentLength = -1;
  private controller: Dispatcher.DispatchController | null = null;
  private settle: { resolve: () => void; reject: (error: Failure) => void } | null = null;

  /** Resolves when the whole answer has been handed on; rejects with the failure that the client should be told of. */
  readonly finished: Promise<void>;
  /** True if the client went away before its answer was complete. */
  cancelled = false;

  constructor(
    private readonly response: ServerResponse,
    private readonly options: RelayOptions,
  ) {
    this.finished = new Promise((resolve, reject) => (this.settle = { resolve, reject }));
    response.on('close', () => this.onClientGone());
    response.on('drain', () => this.controller?.resume());
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.cancelled) controller.abort(new Error('the client went away'));
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    if (status < 200) return;
    const failure = unusable(status);
    if (failure) {
      this.settle?.reject(failure);
      return controller.abort(failure);
    }
    this.status = status;
    this.contentType = headers['content-type'] ?? '';
    this.contentLength = Number(headers['content-length'] ?? -1);
    const answered = forwardedResponseHeaders(headers);
    const session = headers['mcp-session-id'];
    const sealed = typeof session === 'string' ? this.options.sealSession(session) : null;
    if (sealed !== null) answered['mcp-session-id'] = sealed;
    this.response.writeHead(status, this.withLength(answered));
    if (!this.options.rewrite && this.contentLength !== 0) this.flushEventStream();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.bytesOut += chunk.length;
    if (this.options.rewrite) return this.gather(chunk);
    this.capture(chunk);
    // an answer that came whole leaves in one write
    if (chunk.length === this.contentLength) this.response.end(chunk);
    else if (!this.response.write(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    if (this.options.rewrite && this.gathered.length > 0) {
      const body = this.options.rewrite(Buffer.concat(this.gathered), this.contentType);
      this.capture(body);
      this.bytesOut = body.length;
      this.response.end(body);
    } else if (!this.response.writableEnded) this.response.end();
    this.settle?.resolve();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.settle?.reject(upstreamFailure(error));
  }

  private onClientGone(): void {
    if (this.response.writableFinished) return;
    this.cancelled = true;
    this.settle?.resolve();
    this.controller?.abort(new Error('the client went away'));
  }

  private capture(chunk: Buffer): void {
    const room = this.options.captureBytes - this.capturedBytes;
    if (room <= 0) return;
    this.captured.push(chunk.length <= room ? chunk : chunk.subarray(0, room));
    this.capturedBytes += Math.min(room, chunk.length);
  }

  private gather(chunk: Buffer): void {
    if (this.bytesOut > REWRITE_LIMIT) {
      const failure = new Failure('edge.upstream_broken', 'The list which the MCP server gave is too long.');
      this.settle?.reject(failure);
      return this.controller?.abort(failure);
    }
    this.gathered.push(chunk);
  }

  private withLength(headers: Record<string, string>): Record<string, string> {
    if (this.contentLength >= 0 && !this.options.rewrite)
      headers['content-length'] = String(this.contentLength);
    return headers;
  }

  private flushEventStream(): void {
    if (this.contentType.startsWith('text/event-stream')) this.response.flushHeaders();
  }
}

/** Answers that are the upstream's trouble: its 401 must not make the client sign in to us again. */
function unusable(status: number): Failure | null {
  if (status === 401 || status === 403) return new Failure('edge.upstream_refused_credential');
  if (status >= 300 && status < 400)
    return new Failure('edge.upstream_broken', 'The MCP server behind Gatehouse redirects elsewhere.');
  if (status >= 500) return new Failure('edge.upstream_unreachable');
  return null;
}
