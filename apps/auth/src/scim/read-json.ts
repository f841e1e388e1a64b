import type { IncomingMessage } from 'node:http';
import { SCIMError } from 'scimmy/types';

/** Bytes: some 10,000 members of a group. */
const LONGEST_BODY = 1024 * 1024;
const TYPES = ['application/scim+json', 'application/json'];

/** Reads a body (RFC 7644, section 3.1). @throws SCIMError 400 `invalidSyntax`, 413 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (!TYPES.includes(type))
    throw new SCIMError(400, 'invalidSyntax', `Send the body as ${TYPES.join(' or ')}.`);
  const bytes = await readBytes(request);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    throw new SCIMError(400, 'invalidSyntax', 'The body is not JSON.');
  }
}

function readBytes(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= LONGEST_BODY) return void chunks.push(chunk);
      // Paused, not destroyed: the socket still has to carry the refusal.
      request.pause();
      reject(new SCIMError(413, null as never, `A body has at most ${LONGEST_BODY} bytes.`));
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', () => reject(new SCIMError(400, 'invalidSyntax', 'The body broke off.')));
  });
}
