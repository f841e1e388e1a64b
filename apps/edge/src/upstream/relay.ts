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
  /** Where set, the body of a good answer is gathered and sent rewritten. */
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
  private headers: Record<string, string> = {};
  private controller: Dispatcher.DispatchController | null = null;
  private cutBy: Error | null = null;
  private settle: { resolve: () => void; reject: (error: Error) => void } | null = null;

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
    if (response.destroyed) this.onClientGone(); // it left before, and `close` comes once only
  }

  /** Ends the answer where it is, towards the upstream; {@link finished} rejects with the reason. */
  cut(reason: Error): void {
    this.cutBy = reason;
    this.settle?.reject(reason);
    this.controller?.abort(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.cancelled) controller.abort(new Error('the client went away'));
    if (this.cutBy) controller.abort(this.cutBy);
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    if (status < 200) return;
    const failure = unusable(status, headers);
    if (failure) return this.giveUp(controller, failure);
    this.status = status;
    this.contentType = headers['content-type'] ?? '';
    this.contentLength = Number(headers['content-length'] ?? -1);
    this.headers = forwardedResponseHeaders(headers);
    const session = headers['mcp-session-id'];
    const sealed = typeof session === 'string' ? this.options.sealSession(session) : null;
    if (sealed !== null) this.headers['mcp-session-id'] = sealed;
    if (!this.rewrites) this.begin();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.bytesOut += chunk.length;
    if (this.rewrites) return this.gather(controller, chunk);
    this.capture(chunk);
    // an answer that came whole leaves in one write
    if (chunk.length === this.contentLength) this.response.end(chunk);
    else if (!this.response.write(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    if (this.rewrites) return this.sendRewritten();
    if (!this.response.writableEnded) this.response.end();
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

  private gather(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.bytesOut <= REWRITE_LIMIT) this.gathered.push(chunk);
    else
      this.giveUp(
        controller,
        new Failure('edge.upstream_broken', 'The list which the MCP server gave is too long.'),
      );
  }

  /** An error's text is no list: it passes as it is. */
  private get rewrites(): boolean {
    return this.options.rewrite !== undefined && this.status < 300;
  }

  private sendRewritten(): void {
    try {
      const body = this.rewritten(Buffer.concat(this.gathered));
      this.capture(body);
      this.bytesOut = body.length;
      this.response.writeHead(this.status, this.headers).end(body);
      this.settle?.resolve();
    } catch (error) {
      const known = error instanceof Failure;
      this.settle?.reject(known ? error : new Failure('edge.upstream_broken', undefined, { cause: error }));
    }
  }

  private rewritten(body: Buffer): Buffer {
    return body.length > 0 && this.options.rewrite ? this.options.rewrite(body, this.contentType) : body;
  }

  private giveUp(controller: Dispatcher.DispatchController, failure: Failure): void {
    this.settle?.reject(failure);
    controller.abort(failure);
  }

  private begin(): void {
    if (this.contentLength >= 0) this.headers['content-length'] = String(this.contentLength);
    this.response.writeHead(this.status, this.headers);
    if (this.contentLength !== 0) this.flushEventStream();
  }

  private flushEventStream(): void {
    if (this.contentType.startsWith('text/event-stream')) this.response.flushHeaders();
  }
}

/** Answers that are the upstream's trouble: its 401 must not make the client sign in to us again. */
function unusable(status: number, headers: IncomingHttpHeaders): Failure | null {
  if (status === 401 || status === 403) return new Failure('edge.upstream_refused_credential');
  if (status >= 300 && status < 400)
    return new Failure('edge.upstream_broken', 'The MCP server behind Gatehouse redirects elsewhere.');
  if (status >= 500) return new Failure('edge.upstream_unreachable');
  // accept-encoding is not passed on, so nobody asked for it; the client could not read it, nor we its list
  if ((headers['content-encoding'] ?? 'identity') !== 'identity')
    return new Failure(
      'edge.upstream_broken',
      'The MCP server behind Gatehouse compressed its answer unasked.',
    );
  return null;
}
