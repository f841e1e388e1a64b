import { searchCalls, type StoredCallRecord } from '@gatehouse/contracts';
import { callApi, gatehouseToken } from './admin-api.js';
import { type Command, parseArguments, print, say } from './command.js';

const FILTER = { type: 'string' } as const;

export const calls: Command = {
  summary: 'list the records of recent calls',
  usage: [
    'Usage: gatehouse calls [filters] [--limit N] [--json]',
    '',
    '  --server NAME  --tool NAME  --user EMAIL',
    '  --status ok|error|denied|limited|unknown|cancelled',
    '  --from TIME  --to TIME   RFC 3339, such as 2026-11-24T08:00:00Z',
    '  --limit N                how many, newest first (20; 200 at most)',
    '  --json                   one record a line, whole',
  ].join('\n'),

  async run(args) {
    const { values } = parseArguments({
      args,
      options: {
        server: FILTER,
        tool: FILTER,
        user: FILTER,
        status: FILTER,
        from: FILTER,
        to: FILTER,
        limit: { type: 'string', default: '20' },
        json: { type: 'boolean', default: false },
      },
    });
    const { json, ...query } = values;
    const answer = await callApi(gatehouseToken(), { path: '/calls', query });
    const { items } = searchCalls.reply.parse(answer);
    for (const line of json ? items.map((item) => JSON.stringify(item)) : showCalls(items)) print(line);
    if (items.length === 0) say('no calls');
    return 0;
  },
};

/** The records as a table, a line each. */
export function showCalls(records: readonly StoredCallRecord[]): string[] {
  const rows = records.map((record) => [
    record.time.replace('T', ' ').slice(0, 19),
    record.status,
    record.subject.name || '-',
    record.server || '-',
    record.tool ? `${record.method} ${record.tool}` : record.method,
    `${Math.round(record.latencyMs.total)} ms`,
    record.error?.message ?? '',
  ]);
  const table =
    rows.length === 0 ? [] : [['TIME (UTC)', 'STATUS', 'WHO', 'SERVER', 'CALL', 'TOOK', ''], ...rows];
  const widths = table[0]?.map((_, i) => Math.max(...table.map((row) => visible(row[i]).length))) ?? [];
  return table.map((row) =>
    row
      .map((cell, i) => visible(cell).padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** A tool's name or an upstream's error is outsiders' text: it must not steer the terminal. */
function visible(text = ''): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, '\uFFFD');
}
