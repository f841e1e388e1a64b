import type { IncomingMessage } from 'node:http';
import { Refusal } from '../refusal.js';

/** Refuses requests that a page of another site made in somebody's browser (MCP, transports, security warning). */
export function checkOrigin(request: IncomingMessage, publicOrigin: string): void {
  const { origin } = request.headers;
  if (origin !== undefined && origin !== publicOrigin)
    throw Refusal.malformed(403, 'Requests from other sites are refused (Origin header).');
}

/** Refuses a POST whose body is not announced as JSON, or whose sender cannot read both kinds of answer. */
export function checkPostForm(request: IncomingMessage): void {
  const { 'content-type': type = '', 'content-encoding': encoding, accept = '' } = request.headers;
  if (mediaType(type) !== 'application/json' || !/^[^;]*(?:;\s*charset="?utf-8"?\s*)?$/i.test(type))
    throw Refusal.malformed(415, 'Content-Type must be application/json, in UTF-8.');
  if (encoding !== undefined && encoding !== 'identity')
    throw Refusal.malformed(415, 'Content-Encoding is not supported: send the body as it is.');
  const accepted = accept.split(',').map(mediaType);
  if (!accepted.includes('application/json') || !accepted.includes('text/event-stream'))
    throw Refusal.malformed(406, 'Accept must list both application/json and text/event-stream.');
}

function mediaType(value: string): string {
  return (value.split(';', 1)[0] ?? '').trim().toLowerCase();
}

/**
 * Reads a body whole.
 *
 * @param limit bytes
 * @throws Refusal 413 as soon as the limit is passed, whatever Content-Length said
 */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > limit) return Promise.reject(tooLarge(limit));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > limit) {
        request.pause();
        reject(tooLarge(limit));
      } else chunks.push(chunk);
    });
    request.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    request.on('error', () => reject(Refusal.malformed(400, 'The body ended before it was complete.')));
  });
}

function tooLarge(limit: number): Refusal {
  return Refusal.malformed(413, `The body is larger than ${limit} bytes.`, { connection: 'close' });
}
