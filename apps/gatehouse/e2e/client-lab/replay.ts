import { createHash, randomBytes } from 'node:crypto';
import { approve, Browser, type Person } from '@gatehouse/testing';
import type { Action, Demand, Step } from './fixture.js';
import type { LabGate } from './gate.js';
import { Values } from './values.js';

/** One installation of a client, as its fixture describes it: sends what it sends, and insists on what it insists on. */
export class Replay {
  private readonly values = new Values();
  private readonly browser = new Browser();

  constructor(
    private readonly gate: LabGate,
    private readonly demands: readonly Demand[],
    private readonly person: Person,
  ) {
    this.values.set('origin', gate.url);
    this.values.set('resource', gate.mcp);
    this.values.set('mcp', new URL(gate.mcp).pathname);
    this.values.set('port', String(20_000 + Math.floor(Math.random() * 40_000)));
  }

  /** @throws Error saying what the client would have stumbled over */
  async play(step: Step): Promise<void> {
    if ('together' in step) return void (await Promise.all(step.together.map((each) => this.act(each))));
    await this.act(step).catch((error: unknown) => {
      throw new Error(`${JSON.stringify(step)}\n${(error as Error).message}`);
    });
  }

  private async act(action: Action): Promise<void> {
    if (action.later) return this.gate.later(action.later);
    if (action.document) return this.values.set('client_id', action.document.client_id);
    if (action.register) return this.register(action, action.register);
    if (action.authorize) return this.authorize(action, action.authorize);
    if (action.token) return this.token(action, action.token);
    return this.request(action);
  }

  private async register(action: Action, metadata: Record<string, unknown>): Promise<void> {
    const asked = this.values.fill(metadata);
    const headers = { 'content-type': 'application/json', ...action.headers };
    const url = this.values.fill(action.at ?? '{asm.registration_endpoint}');
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(asked) });
    const registered = await json(response, action.answers ?? 201);
    for (const member of ['redirect_uris', 'token_endpoint_auth_method'])
      if (asked[member] !== undefined) same(member, registered[member], asked[member]);
    this.values.setAll('', registered);
    const { client_id: id, client_secret: secret } = registered;
    if (typeof secret === 'string') this.values.set('basic', btoa(`${String(id)}:${secret}`));
  }

  private async authorize(action: Action, parameters: Record<string, string>): Promise<void> {
    const [verifier, state] = [randomBytes(48).toString('base64url'), randomBytes(24).toString('base64url')];
    const asked: Record<string, string> = {
      response_type: 'code',
      client_id: this.values.get('client_id'),
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      state,
      ...this.values.fill(parameters),
    };
    const url = new URL(this.values.fill(action.at ?? '{asm.authorization_endpoint}'));
    for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
    const redirectUri = asked['redirect_uri'] ?? '';
    const back = await approve(this.browser, { url, verifier, redirectUri }, this.person);
    const answer = Object.fromEntries(back.searchParams);
    same('state', answer['state'], state);
    if (this.wants('iss in the redirect')) same('iss', answer['iss'], this.values.get('asm.issuer'));
    this.values.setAll('', { ...answer, code_verifier: verifier, redirect_uri: redirectUri });
  }

  private async token(action: Action, form: Record<string, string>): Promise<void> {
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      ...this.values.fill(action.headers),
    };
    const body = new URLSearchParams(this.values.fill(form)).toString();
    const url = this.values.fill(action.at ?? '{asm.token_endpoint}');
    const answer = await json(await fetch(url, { method: 'POST', headers, body }), action.answers ?? 200);
    if (action.says !== undefined) contains(JSON.stringify(answer), action.says);
    if (answer['error'] !== undefined) return;
    same('token_type', String(answer['token_type']).toLowerCase(), 'bearer');
    if (this.wants('a refresh token') && typeof answer['refresh_token'] !== 'string')
      throw new Error('no refresh token: the client would ask the person again at every expiry');
    this.values.setAll('', answer);
    // what another process of the client may still hold in its memory
    if (form['grant_type'] === 'authorization_code')
      this.values.set('first_refresh_token', answer['refresh_token']);
  }

  private async request(action: Action): Promise<void> {
    const method = (['GET', 'HEAD', 'POST', 'DELETE'] as const).find((name) => action[name] !== undefined);
    if (!method) throw new Error('a step without an action');
    const path = this.values.fill(action[method] ?? '');
    const body = action.body === undefined ? {} : { body: JSON.stringify(this.values.fill(action.body)) };
    const headers = this.values.fill(action.headers ?? {});
    const response = await fetch(this.gate.url + path, { method, headers, ...body });
    const text = await bodyOf(response, method);
    same('status', response.status, action.answers ?? 200, text);
    if (action.says !== undefined) contains(text, this.values.fill(action.says));
    this.values.set('session', response.headers.get('mcp-session-id'));
    if (response.status === 401 || response.status === 403) this.readChallenge(response);
    if (response.status === 200) this.readMetadata(path, text);
  }

  /** RFC 9728, section 5.1; the scopes that a client is to ask for are in it, whatever was there before. */
  private readChallenge(response: Response): void {
    const header = response.headers.get('www-authenticate') ?? '';
    contains(header, 'scope="');
    if (response.status === 403) contains(header, 'error="insufficient_scope"');
    for (const [, name, value] of header.matchAll(/(\w+)="([^"]*)"/g))
      this.values.set(`challenge.${name}`, value);
    const { origin, pathname } = new URL(this.gate.mcp);
    const expected = `${origin}/.well-known/oauth-protected-resource${pathname}`;
    same('resource_metadata', this.values.get('challenge.resource_metadata'), expected);
  }

  private readMetadata(path: string, text: string): void {
    if (path.startsWith('/.well-known/oauth-protected-resource')) {
      const document = JSON.parse(text) as { resource: string };
      this.values.setAll('prm.', document);
      const isRoot = path === '/.well-known/oauth-protected-resource';
      if (!isRoot && this.wants('resource equals the URL'))
        same('resource', document.resource, this.gate.mcp);
    }
    if (/\/\.well-known\/(oauth-authorization-server|openid-configuration)/.test(path))
      this.readServerMetadata(JSON.parse(text) as Record<string, unknown>);
  }

  private readServerMetadata(document: Record<string, unknown>): void {
    this.values.setAll('asm.', document);
    contains(String(document['code_challenge_methods_supported']), 'S256');
    contains(String(document['token_endpoint_auth_methods_supported']), 'none');
    same('documents', document['client_id_metadata_document_supported'], true);
    if (this.wants('issuer equals the resource metadata entry'))
      same('issuer', document['issuer'], this.values.get('prm.authorization_servers'));
    if (this.wants('iss in the redirect'))
      same('iss support', document['authorization_response_iss_parameter_supported'], true);
    if (this.wants('registration at the authorization origin'))
      same('origin', origin(document['registration_endpoint']), origin(document['authorization_endpoint']));
  }

  private wants(demand: Demand): boolean {
    return this.demands.includes(demand);
  }
}

/** A stream stays open; all else is read to its end. */
async function bodyOf(response: Response, method: string): Promise<string> {
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
  if (!isStream || method !== 'GET') return response.text();
  await response.body?.cancel();
  return '';
}

async function json(response: Response, status: number): Promise<Record<string, unknown>> {
  const text = await response.text();
  same('status', response.status, status, text);
  return JSON.parse(text) as Record<string, unknown>;
}

function same(what: string, actual: unknown, expected: unknown, more = ''): void {
  if (JSON.stringify(actual) === JSON.stringify(expected)) return;
  throw new Error(`${what} is ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)} ${more}`);
}

function contains(text: string, part: string): void {
  if (!text.includes(part)) throw new Error(`"${part}" is missing in: ${text}`);
}

function origin(url: unknown): string {
  return new URL(String(url)).origin;
}
