import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Browser } from './browser.js';
import { walkPages } from './walk-pages.js';

const REDIRECT = 'http://127.0.0.1:9/callback';
const signInForm = (action: string) => `
  <form method="post" action="${action}">
    <label for="e">Email</label><input id="e" name="login" type="text">
    <label for="p">Password</label><input id="p" name="secret" type="password">
    <input type="hidden" name="csrf" value="c1"><button>Sign in</button>
  </form>`;
const APPROVAL = `<h1>Gatehouse CLI</h1><form method="post" action="/approve">
  <button name="decision" value="no">Deny</button><button name="decision" value="yes">Approve</button></form>`;

describe('walking the pages of an authorization server', () => {
  const sent: string[] = [];
  let formAction = '/login';
  const server = createServer((request, response) => void answer(request, response));
  const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => server.close());
  beforeEach(() => {
    sent.length = 0;
    formAction = '/login';
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const page = (html: string, status = 200) => response.writeHead(status).end(html);
    const go = (location: string, cookie = 'x=1') =>
      response.writeHead(303, { location, 'set-cookie': cookie }).end();
    if (body) sent.push(body);
    const signedIn = request.headers.cookie?.includes('session=jane');
    switch (`${request.method} ${request.url}`) {
      case 'GET /authorize':
        return void go(signedIn ? '/approve' : '/login');
      case 'GET /login':
        return void page(signInForm(formAction));
      case 'POST /login':
        if (body.includes('secret=right')) return void go('/approve', 'session=jane; Path=/; HttpOnly');
        return void page(`<p role="alert">That is not the password.</p>${signInForm('/login')}`, 401);
      case 'GET /approve':
        return void page(signedIn ? APPROVAL : 'no session');
      case 'POST /approve':
        return void go(`${REDIRECT}?code=c0de&state=s`);
      default:
        return void page('<title>Lost</title>', 404);
    }
  }

  const walk = (password: string, path = '/authorize') =>
    walkPages(new Browser(REDIRECT), new URL(path, origin()), { email: 'jane@x.test', password });

  it('signs in, approves and comes back with the code', async () => {
    expect((await walk('right')).href).toBe(`${REDIRECT}?code=c0de&state=s`);
    expect(sent).toEqual(['login=jane%40x.test&secret=right&csrf=c1', 'decision=yes']);
  });

  it('reports a wrong password in the page’s own words, and does not try it twice', async () => {
    await expect(walk('wrong')).rejects.toThrow('That is not the password.');
    expect(sent).toHaveLength(1);
  });

  it('gives the password to no other origin', async () => {
    formAction = 'http://127.0.0.2:9/steal';
    await expect(walk('right')).rejects.toThrow('a sign-in form of http://127.0.0.2:9');
  });

  it('says which page it cannot walk', async () => {
    await expect(walk('right', '/nowhere')).rejects.toThrow(
      `status 404 and a page "Lost" at ${origin()}/nowhere`,
    );
  });
});
