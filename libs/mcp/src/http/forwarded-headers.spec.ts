import fc from 'fast-check';
import { faultOfHeaders, forwardedRequestHeaders, forwardedResponseHeaders } from './forwarded-headers.js';

describe("headers of a client's request", () => {
  it('pass on what belongs to MCP and to tracing', () => {
    const raw = [
      'Accept',
      'application/json',
      'MCP-Protocol-Version',
      '2026-07-28',
      'Mcp-Param-my_Region',
      'eu',
      'traceparent',
      '00-1',
    ];
    expect(forwardedRequestHeaders(raw)).toEqual([
      'accept',
      'application/json',
      'mcp-protocol-version',
      '2026-07-28',
      'mcp-param-my_region',
      'eu',
      'traceparent',
      '00-1',
    ]);
  });

  it.each([
    'Authorization',
    'AUTHORIZATION',
    'Proxy-Authorization',
    'Cookie',
    'Host',
    'Content-Length',
    'Transfer-Encoding',
    'Connection',
    'Expect',
    'Accept-Encoding',
    'Accept-Language',
    'User-Agent',
    'Origin',
    'Referer',
    'Forwarded',
    'X-Forwarded-For',
    'X-Real-IP',
    'X-Api-Key',
    'x-tfy-api-key',
    'x-tfy-mcp-headers',
    'x-tfy-metadata',
    'x_tfy_api_key',
    'mcp_method',
    'Mcp-Session-Id',
    'mcp-init-host',
    'x-user',
    'x-tenant',
    'x-internal-route',
    'baggage',
    '__proto__',
  ])('never pass on %s', (name) => {
    expect(forwardedRequestHeaders([name, 'v'])).toEqual([]);
  });

  it.each(['Authorization', 'HOST', 'content-type', 'Mcp-Session-Id', 'Mcp-Name', 'x-tfy-metadata'])(
    'are refused where %s is repeated, in whatever case',
    (name) => {
      expect(faultOfHeaders([name, 'a', 'Accept', '*/*'])).toBeNull();
      expect(faultOfHeaders([name, 'a', 'Accept', '*/*', name.toLowerCase(), 'a'])).toMatchObject({
        http: 400,
        place: name.toLowerCase(),
      });
    },
  );

  it('may repeat where HTTP says so', () => {
    expect(faultOfHeaders(['Accept', 'application/json', 'Accept', 'text/event-stream'])).toBeNull();
  });

  it('pass on no value that could begin another header', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const isSafe = [...value].every((c) => (c >= ' ' && c <= '~') || (c >= '\x80' && c <= '\xff'));
        expect(faultOfHeaders(['Mcp-Param-X', value]) === null).toBe(isSafe);
      }),
      { numRuns: 2_000 },
    );
    expect(faultOfHeaders(['accept', 'a\r\nx: y'])).toMatchObject({ http: 400, place: 'accept' });
  });
});

describe("headers of an upstream's response", () => {
  it('pass back a short list and nothing else', () => {
    expect(
      forwardedResponseHeaders({
        'content-type': 'application/json',
        'mcp-protocol-version': '2025-11-25',
        'retry-after': '3',
        'set-cookie': ['a=b'],
        'www-authenticate': 'Bearer',
        'content-security-policy': 'x',
        'access-control-allow-origin': '*',
        'content-length': '5',
        'mcp-session-id': 's',
        location: 'http://169.254.169.254/',
      }),
    ).toEqual({
      'content-type': 'application/json',
      'mcp-protocol-version': '2025-11-25',
      'retry-after': '3',
    });
  });

  it('leave out what is repeated or unsafe', () => {
    expect(forwardedResponseHeaders({ 'content-type': ['a', 'b'], 'retry-after': '1\r\nx: y' })).toEqual({});
  });
});
