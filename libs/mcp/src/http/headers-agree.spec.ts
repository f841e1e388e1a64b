import { readMessage } from '../message/read-message.js';
import { headersAgree, type HeaderFields } from './headers-agree.js';

const VERSION = 'io.modelcontextprotocol/protocolVersion';

const verdict = (headers: HeaderFields, body: object): string => {
  const reading = readMessage(Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, ...body })));
  if (!reading.ok || reading.message.kind === 'response') throw new Error('not a request');
  const fault = headersAgree(headers, reading.message);
  return fault === null ? 'agree' : `${fault.http} ${fault.code} ${fault.place}`;
};
const modern = (name: string): object => ({
  method: 'tools/call',
  params: { name, _meta: { [VERSION]: '2026-07-28' } },
});
const headers = (name: string): HeaderFields => ({
  'mcp-protocol-version': '2026-07-28',
  'mcp-method': 'tools/call',
  'mcp-name': name,
});

describe('headers and body in the modern era', () => {
  it('agree when they say the same', () => {
    expect(verdict(headers('echo'), modern('echo'))).toBe('agree');
    expect(
      verdict(
        { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' },
        { method: 'tools/list', params: { _meta: { [VERSION]: '2026-07-28' } } },
      ),
    ).toBe('agree');
  });

  it.each([
    ['mcp-protocol-version', '2025-11-25', 'MCP-Protocol-Version'],
    ['mcp-protocol-version', '2026-07-28, 2026-07-28', 'MCP-Protocol-Version'],
    ['mcp-protocol-version', undefined, 'MCP-Protocol-Version'],
    ['mcp-method', 'tools/list', 'Mcp-Method'],
    ['mcp-method', 'Tools/Call', 'Mcp-Method'],
    ['mcp-method', undefined, 'Mcp-Method'],
    ['mcp-name', 'Echo', 'Mcp-Name'],
    ['mcp-name', 'echo, other', 'Mcp-Name'],
    ['mcp-name', '', 'Mcp-Name'],
    ['mcp-name', undefined, 'Mcp-Name'],
  ])('disagree with %s: %s', (name, value, place) => {
    expect(verdict({ ...headers('echo'), [name]: value }, modern('echo'))).toBe(`400 -32020 ${place}`);
  });

  it('compare an encoded name decoded', () => {
    const encoded = (name: string): string => `=?base64?${Buffer.from(name).toString('base64')}?=`;
    expect(verdict(headers(encoded('größe')), modern('größe'))).toBe('agree');
    expect(verdict(headers(encoded('echo')), modern('echo'))).toBe('agree');
    expect(verdict(headers(encoded('=?base64?eA==?=')), modern('=?base64?eA==?='))).toBe('agree');
    expect(verdict(headers(encoded('other')), modern('echo'))).toBe('400 -32020 Mcp-Name');
  });

  it.each(['=?base64?ZWNobw?=', '=?base64?ZWNo!bw==?=', '=?base64?/w==?=', '=?base64?=', '=?base64??='])(
    'refuse the broken encoding %s',
    (value) => expect(verdict(headers(value), modern('echo'))).toBe('400 -32020 Mcp-Name'),
  );

  it('leave a name which an extension defines to the server that knows it', () => {
    const body = { method: 'tasks/get', params: { taskId: 't', _meta: { [VERSION]: '2026-07-28' } } };
    expect(verdict({ ...headers('t'), 'mcp-method': 'tasks/get' }, body)).toBe('agree');
  });
});

describe('headers and body in the legacy era', () => {
  const initialize = { method: 'initialize', params: { protocolVersion: '2025-11-25' } };

  it('agree without any header, and with those that mcp-remote sends', () => {
    expect(verdict({}, initialize)).toBe('agree');
    expect(verdict({ 'mcp-method': 'initialize' }, initialize)).toBe('agree');
    expect(
      verdict({ 'mcp-protocol-version': '2025-06-18' }, { method: 'tools/call', params: { name: 'a' } }),
    ).toBe('agree');
  });

  it('still may not contradict the body', () => {
    expect(verdict({ 'mcp-method': 'tools/list' }, initialize)).toBe('400 -32020 Mcp-Method');
    expect(verdict({ 'mcp-name': 'b' }, { method: 'tools/call', params: { name: 'a' } })).toBe(
      '400 -32020 Mcp-Name',
    );
  });
});
