import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../shape.js';
import { STAGES, type Fixture, type Session, type Stage } from './fixture.js';
import { describeRules } from './rules.js';

const DOCUMENT = join(ROOT, 'docs/clients.md');
const TRIED = /<!-- tried -->\n[^]*<!-- \/tried -->/;

/** What came of replaying each client, stage by stage. */
export class Results {
  private readonly played = new Map<string, Session[]>();
  private readonly failed = new Map<string, string>();

  passed(client: string, stage: Stage, session: Session): void {
    const key = client + stage;
    this.played.set(key, [...(this.played.get(key) ?? []), session]);
  }

  stumbled(client: string, stage: Stage, { title }: Session): void {
    this.failed.set(client + stage, title);
  }

  /**
   * Writes docs/clients.md.
   *
   * @returns what it said before, and what it says now
   */
  async write(fixtures: readonly Fixture[]): Promise<{ before: string; now: string }> {
    const before = await readFile(DOCUMENT, 'utf8').catch(() => '');
    const tried = TRIED.exec(before)?.[0] ?? '<!-- tried -->\n<!-- /tried -->';
    const now = page({ replayed: this.table(fixtures), tried, rules: await describeRules() });
    if (now !== before) await writeFile(DOCUMENT, now);
    return { before, now };
  }

  private table(fixtures: readonly Fixture[]): string {
    const head = ['client', 'version', 'known from', ...STAGES];
    const rows = fixtures.map((fixture) => [
      `[${fixture.client}](../apps/gatehouse/e2e/client-lab/${fixture.file})`,
      fixture.version ?? '',
      fixture.source,
      ...STAGES.map((stage) => this.cell(fixture, stage)),
    ]);
    return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  }

  private cell(fixture: Fixture, stage: Stage): string {
    const failed = this.failed.get(fixture.client + stage);
    if (failed !== undefined) return `**fails**: ${failed}`;
    const played = this.played.get(fixture.client + stage);
    const how = stage === 'step-up' ? (fixture['step-up'] ?? '') : HOW[stage](played ?? []);
    if (!played) return how === '' ? 'not known' : `not replayed: ${how}`;
    const words = ['✓', how, fixture.assumed.includes(stage) ? '(assumed)' : ''];
    return words.filter((word) => word !== '').join(' ');
  }
}

const HOW: Record<Exclude<Stage, 'step-up'>, (played: readonly Session[]) => string> = {
  discovery: () => '',
  registration: (played) => {
    const text = JSON.stringify(played.map(({ registration }) => registration));
    const ways = { document: 'metadata document', register: 'RFC 7591' };
    return Object.entries(ways)
      .flatMap(([key, way]) => (text.includes(`"${key}":`) ? [way] : []))
      .join(', ');
  },
  'sign-in': () => '',
  call: (played) => {
    const text = JSON.stringify(played.map(({ call }) => call));
    const eras = [...text.matchAll(/"(?:mcp-protocol-version|protocolVersion)":"([\d-]+)"/gi)];
    return [...new Set(eras.map(([, era]) => era))].sort().join(', ');
  },
  refresh: () => '',
};

function page(parts: { replayed: string; tried: string; rules: string }): string {
  return `# Clients

<!-- Written by apps/gatehouse/e2e/client-lab.e2e.spec.ts, between the marks "tried" by \`npm run clients\`: do not edit. -->

How MCP clients sign in, and what Gatehouse does so that each of them works the first time.

## Replayed

Each client is a file of what it sends, in its order and with its quirks. The test suite replays all of them against a
whole Gatehouse, and insists on what the client itself insists on. \`recorded\` files come from traffic that we saw;
\`reported\` ones from sources and threads, and say so where something is not known. A client that starts to behave
otherwise gets a new recording: see [fixture.ts](../apps/gatehouse/e2e/client-lab/fixture.ts) for what a file may say.

✓: replayed, and the client gets what it wants. *assumed*: nothing is known of this client there, so it does what most do.
Under step-up stands what the client makes of a 403 with \`insufficient_scope\`.

${parts.replayed}

## Tried

The programs themselves, installed from npm and driven without a person against a whole Gatehouse: \`npm run clients\` runs
them and writes this table; those with *always* run with the test suite too. What counts is what the gate saw of them. A
browser (Chromium) signs in and approves. Where a call needs the vendor's model, a small stand-in for it asks for the tool.
For the step-up the person grants less than was asked for, and the call then needs more.

${parts.tried}

## Rules

What follows from the behaviour above, and the line that upholds it.

${parts.rules}
`;
}
