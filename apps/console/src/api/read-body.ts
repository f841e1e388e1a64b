import type { IncomingMessage } from 'node:http';
import { PayloadTooLargeException, UnsupportedMediaTypeException } from '@nestjs/common';
import type { BodyFormat } from './body-format.js';
import { InvalidRequest } from './invalid-request.js';

/** Bytes that a body of the admin API may have: 1 MiB. */
export const BODY_LIMIT = 1024 * 1024;

/**
 * Reads and parses a body.
 *
 * @throws UnsupportedMediaTypeException, PayloadTooLargeException, InvalidRequest
 */
export async function readBody(request: IncomingMessage, format: BodyFormat): Promise<unknown> {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (!format.types.includes(type))
    throw new UnsupportedMediaTypeException(`Send the body as ${format.types.join(' or ')}.`);
  if ((request.headers['content-encoding'] ?? 'identity') !== 'identity')
    throw new UnsupportedMediaTypeException('Send the body without Content-Encoding.');
  return format.read(toText(await readBytes(request)), type);
}

function toText(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InvalidRequest([{ place: 'body', message: 'is not UTF-8' }]);
  }
}

function readBytes(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= BODY_LIMIT) return void chunks.push(chunk);
      // paused, not destroyed: the socket still has to carry the refusal
      request.pause();
      reject(new PayloadTooLargeException(`A body has at most ${BODY_LIMIT} bytes.`));
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', () => reject(new InvalidRequest([{ place: 'body', message: 'broke off' }])));
  });
}
