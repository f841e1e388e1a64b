import { failures } from '@gatehouse/contracts';
import { code, table } from './table.js';

/** docs/failures.md: the one table of failures, for whoever reads a log or an error. */
export function failuresPage(): string {
  const rows = Object.entries(failures).map(([name, { http, rpc, retryable, text }]) => [
    code(name),
    String(http),
    code(rpc),
    retryable ? 'yes' : 'no',
    text,
  ]);
  return `# Failures

Every failure that is expected, from [failures.ts](../libs/contracts/src/failures.ts). On an MCP address it is a JSON-RPC
error with this code, in an answer with this HTTP status; in the admin API a problem (RFC 9457) with the status and the
name as \`code\`. A failure may carry a text of its own that names the place of the fault. Retryable: the same request may
succeed later without anybody changing anything.

${table(['code', 'HTTP', 'JSON-RPC', 'retryable', 'what the reader is told'], rows)}
`;
}
