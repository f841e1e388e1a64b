import { errorBody } from './error-body.js';

describe('a JSON-RPC error body', () => {
  it('carries the id byte for byte', () => {
    expect(errorBody('9007199254740993', -32600, 'no "such"')).toBe(
      '{"jsonrpc":"2.0","id":9007199254740993,"error":{"code":-32600,"message":"no \\"such\\""}}',
    );
    expect(errorBody('null', -32700, 'x')).toBe(
      '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"x"}}',
    );
  });
});
