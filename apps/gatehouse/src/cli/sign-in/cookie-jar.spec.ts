import { CookieJar } from './cookie-jar.js';

const at = (path: string, host = 'gate.test') => new URL(`http://${host}${path}`);

describe('a cookie', () => {
  it('goes back to its host and below its path only', () => {
    const jar = new CookieJar();
    jar.store(at('/interaction/1'), ['s=1; Path=/; HttpOnly', 'i=2; Path=/interaction/1', 'd=3']);
    expect(jar.header(at('/'))).toBe('s=1');
    expect(jar.header(at('/interaction/1/login'))).toBe('i=2; d=3; s=1');
    expect(jar.header(at('/interaction/12'))).toBe('d=3; s=1');
    expect(jar.header(at('/', 'evil.test'))).toBe('');
  });

  it('is replaced by one of the same name and path, and ends when the server says so', () => {
    const jar = new CookieJar();
    jar.store(at('/'), ['a=1', 'b=x=y', 'c=1']);
    jar.store(at('/'), ['a=2', 'b=; Max-Age=0', 'c=; Expires=Thu, 01 Jan 1970 00:00:00 GMT']);
    expect(jar.header(at('/'))).toBe('a=2');
  });
});
