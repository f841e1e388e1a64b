import type { IncomingMessage, RequestListener } from 'node:http';

/** One request, as the gate saw it. */
export interface Request {
  /** The JSON-RPC method, the grant type at the token endpoint, or else the HTTP method and path. */
  readonly what: string;
  readonly status: number;
}

/** What a gate was asked. Says what a client did, whatever the client says. */
export class Seen {
  private requests: Request[] = [];

  /** A listener that also writes down. */
  readonly watch =
    (listener: RequestListener): RequestListener =>
    (request, response) => {
      const body = listenIn(request);
      response.on('close', () => {
        this.requests.push({ what: nameOf(request, body()), status: response.statusCode });
      });
      listener(request, response);
    };

  forget(): void {
    this.requests = [];
  }

  /** Whether something was asked, and answered so. */
  has(what: string, status = 200): boolean {
    return this.requests.some((request) => request.what === what && request.status === status);
  }

  toString(): string {
    return this.requests.map(({ what, status }) => `${what} ${status}`).join(', ');
  }
}

/** Copies the body on its way in; to listen for `data` would make it flow before anybody reads it. */
function listenIn(request: IncomingMessage): () => string {
  const chunks: Buffer[] = [];
  const push = request.push.bind(request);
  request.push = (chunk: Buffer | null, ...rest) => {
    if (chunk !== null) chunks.push(chunk);
    return push(chunk, ...rest);
  };
  return () => Buffer.concat(chunks).toString();
}

function nameOf(request: IncomingMessage, body: string): string {
  const [path = ''] = (request.url ?? '').split('?');
  const rpc = /"method" *: *"([^"]+)"/.exec(body)?.[1];
  if (path.endsWith('/server') && rpc !== undefined) return rpc;
  const grant = new URLSearchParams(body).get('grant_type');
  if (path === '/token' && grant !== null) return grant;
  return `${request.method ?? ''} ${path}`;
}
