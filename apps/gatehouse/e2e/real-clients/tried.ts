import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../shape.js';
import type { RealClient } from './real-client.js';

const DOCUMENT = join(ROOT, 'docs/clients.md');
const SECTION = /(<!-- tried -->\n)[^]*(<!-- \/tried -->)/;
const STEPS = ['sign-in', 'list and call', 'refresh', 'step-up'] as const;
type Step = (typeof STEPS)[number];
const HEAD = ['client', 'version', 'run', 'registration', ...STEPS];

/** What came of trying each client. */
export class Tried {
  private readonly passed = new Set<string>();
  private readonly registrations = new Map<RealClient, string>();

  pass(client: RealClient, step: Step): void {
    this.passed.add(client.name + step);
  }

  registered(client: RealClient, way: string): void {
    this.registrations.set(client, way);
  }

  /** The table of docs/clients.md, as far as these clients are concerned. */
  rows(clients: readonly RealClient[]): readonly string[] {
    return clients.map((client) =>
      row([
        client.name,
        client.version,
        client.always ? 'always' : '`npm run clients`',
        this.registrations.get(client) ?? '',
        ...STEPS.map((step) => this.cell(client, step)),
      ]),
    );
  }

  private cell(client: RealClient, step: Step): string {
    if (!this.passed.has(client.name + step)) return '**fails**';
    return step === 'step-up' ? `✓ ${client.stepUp}` : '✓';
  }
}

/** Puts the rows of all clients into docs/clients.md. */
export async function writeTried(rows: readonly string[]): Promise<void> {
  const table = [row(HEAD), row(HEAD.map(() => '---')), ...rows].join('\n');
  const text = await readTried();
  await writeFile(DOCUMENT, text.replace(SECTION, `$1\n${table}\n\n$2`));
}

export function readTried(): Promise<string> {
  return readFile(DOCUMENT, 'utf8');
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
