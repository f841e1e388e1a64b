import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { event, request } from '@gatehouse/contracts';
import { secret } from '@gatehouse/runtime';
import { z } from 'zod';
import { configurationPage } from './configuration.js';
import { generatedPages, ROOT } from './pages.js';
import { subjectsPage } from './subjects.js';

const pages = await generatedPages();

it.each(Object.keys(pages))(
  'docs/%s is what the code says: else run node tools/docs/dist/main.js',
  (name) => {
    expect(readFileSync(join(ROOT, 'docs', name), 'utf8')).toBe(pages[name]);
  },
);

describe('docs/subjects.md', () => {
  const page = subjectsPage([
    request({
      subject: 'vault.thing.lend',
      request: z.object({
        kind: z.enum(['a', 'b']),
        many: z.array(z.string().nullable()),
        n: z.int().optional(),
      }),
      reply: z.object({}),
      callers: ['edge'],
      failures: ['vault.request_refused'],
      deadlineMs: 2_500,
    }),
    event({
      subject: 'evt.auth.thing.done',
      payload: z.record(z.string(), z.number()),
      subscribers: ['edge'],
    }),
  ]);

  it('shows shapes compactly', () => {
    expect(page).toContain('`{ kind: "a" | "b", many: (string | null)[], n?: integer }`');
    expect(page).toContain('`{ [name]: number }`');
  });

  it('shows callers, deadline and failures', () => {
    expect(page).toContain('- callers: edge; deadline 2.5 s\n- failures: `vault.request_refused`');
  });

  it('stands a message with the service that owns it', () => {
    expect(page.match(/^##? .*|^### .*/gm)).toEqual([
      '# Subjects', '## auth', '### `evt.auth.thing.done`', '## vault', '### `vault.thing.lend`', '## Shapes',
    ]); // prettier-ignore
  });
});

describe('docs/configuration.md', () => {
  it('marks secrets and what is required, and never shows an object as a default', () => {
    const shape = {
      DB_URL: secret().describe('Where.'),
      LEVEL: z.string().default('low').describe('How much.'),
    };
    const page = configurationPage([{ name: 'audit', shape }]);
    expect(page).toContain('| `DB_URL` | audit | Where. Secret. | required |');
    expect(page).toContain('| `LEVEL` | audit | How much. | `low` |');
  });

  it('lets readers differ in what they take by default', () => {
    const page = configurationPage([
      { name: 'one', shape: { A: z.string().optional().describe('It.') } },
      { name: 'two', shape: { A: z.string() } },
    ]);
    expect(page).toContain('| `A` | one, two | It. | one: - / two: required |');
  });

  it('refuses a variable that nobody describes', () => {
    expect(() => configurationPage([{ name: 'audit', shape: { A: z.string() } }])).toThrow(
      'A has no description',
    );
  });

  it('refuses one name for two things', () => {
    const readers = ['Hops.', 'Networks.'].map((text) => ({
      name: text,
      shape: { A: z.string().describe(text) },
    }));
    expect(() => configurationPage(readers)).toThrow('A is described in two ways');
  });
});
