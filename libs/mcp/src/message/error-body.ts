/**
 * A JSON-RPC 2.0 error response as JSON text (section 5.1).
 * @param rawId the request's id as JSON text, byte for byte as it came (`7`, `"a"`), or `null` where it is not known
 */
export function errorBody(rawId: string, code: number, message: string): string {
  return `{"jsonrpc":"2.0","id":${rawId},"error":${JSON.stringify({ code, message })}}`;
}
