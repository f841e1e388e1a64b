import type { AuthServer } from './auth-server.js';

export interface ScimAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown> & { Resources: Record<string, unknown>[] };
}

/** An identity provider that provisions people, as far as the service provider sees it. */
export class ScimClient {
  constructor(
    private readonly server: AuthServer,
    private readonly token: string,
    private readonly tenant = 'demo',
  ) {}

  get(path: string): Promise<ScimAnswer> {
    return this.send('GET', path);
  }

  post(path: string, body: unknown): Promise<ScimAnswer> {
    return this.send('POST', path, body);
  }

  put(path: string, body: unknown): Promise<ScimAnswer> {
    return this.send('PUT', path, body);
  }

  /** @param operations become a PatchOp message */
  patch(path: string, operations: readonly unknown[]): Promise<ScimAnswer> {
    const schemas = ['urn:ietf:params:scim:api:messages:2.0:PatchOp'];
    return this.send('PATCH', path, { schemas, Operations: operations });
  }

  delete(path: string): Promise<ScimAnswer> {
    return this.send('DELETE', path);
  }

  async send(method: string, path: string, body?: unknown): Promise<ScimAnswer> {
    const response = await fetch(`${this.server.origin}/scim/v2/${this.tenant}/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        accept: 'application/scim+json, application/json',
        ...(body !== undefined && { 'content-type': 'application/scim+json; charset=utf-8' }),
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (text === '' ? {} : JSON.parse(text)) as ScimAnswer['body'],
    };
  }
}
