import { formTarget, isLoopback, redirectHost, withoutLoopbackPort } from './redirect.js';

describe('a redirect URI', () => {
  it.each([
    ['https://vscode.dev/redirect', 'vscode.dev', 'https://vscode.dev', false],
    ['http://localhost:3118/callback', 'localhost', 'http://localhost:3118', true],
    ['http://[::1]:3118/callback', '[::1]', 'http:', true],
    ['cursor://anysphere.cursor-mcp/oauth/callback', 'cursor://anysphere.cursor-mcp', 'cursor:', false],
    ['cursor://localhost/callback', 'cursor://localhost', 'cursor:', false],
    ['com.example.app:/callback', 'com.example.app://', 'com.example.app:', false],
  ])('%s leads to %s', (uri, host, target, loopback) => {
    expect(redirectHost(uri)).toBe(host);
    expect(formTarget(uri)).toBe(target);
    expect(isLoopback(uri)).toBe(loopback);
  });

  it('is remembered without its port if the port changes at each start', () => {
    expect(withoutLoopbackPort('http://localhost:3118/callback')).toBe('http://localhost/callback');
    expect(withoutLoopbackPort('https://a.example:444/callback')).toBe('https://a.example:444/callback');
  });
});
