import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { commandsIn, deadLinks, faultOfAdrName, markdownFiles } from './markdown-files.js';
import { ROOT } from './pages.js';

const files = markdownFiles(ROOT).map((file) => relative(ROOT, file));

it('knows the README and the decisions', () => {
  expect(files).toEqual(expect.arrayContaining(['README.md', 'docs/architecture.md']));
  expect(files.filter((file) => file.startsWith('docs/adr/')).length).toBeGreaterThan(5);
});

it.each(files)('every relative link in %s leads to a file', (file) => {
  expect(deadLinks(join(ROOT, file))).toEqual([]);
});

it.each(files.filter((file) => file.startsWith('docs/adr/')))('%s is named as it is titled', (file) => {
  expect(faultOfAdrName(join(ROOT, file))).toBeNull();
});

it('numbers decisions one after the other', () => {
  const numbers = files.flatMap((file) => /^docs\/adr\/(\d{4})-/.exec(file)?.[1] ?? []).sort();
  expect(numbers).toEqual(numbers.map((_, index) => String(index + 1).padStart(4, '0')));
});

describe.each(files)('commands in %s', (file) => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };

  it('name scripts that package.json has', () => {
    const named = [
      ...commandsIn(join(ROOT, file), 'npm run'),
      ...commandsIn(join(ROOT, file), 'npm').filter((command) => /^(?:start|test)\b/.test(command)),
    ];
    for (const command of named) expect(Object.keys(scripts)).toContain(command.split(/[ .,;()]/)[0]);
  });

  it('name programs that are built from sources which are there', () => {
    for (const command of commandsIn(join(ROOT, file), 'node').filter((one) => /\/dist\/|\.mjs/.test(one))) {
      const path = command.split(' ')[0] ?? '';
      if (path.includes('<')) continue;
      expect(existsSync(join(ROOT, path.replace(/\/dist\/(.*)\.js$/, '/src/$1.ts')))).toBe(true);
    }
  });
});

describe('the checks themselves', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-docs-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  it('find a link to a missing file and to a missing heading, and leave code and other sites alone', () => {
    write('other.md', '# One title\n');
    const text = '[a](gone.md) [b](other.md#one-title) [c](other.md#no-title) [d](https://example.com)';
    expect(deadLinks(write('links.md', `${text}\n\n\`\`\`\n[e](gone-too.md)\n\`\`\`\n`))).toEqual([
      'gone.md',
      'other.md#no-title',
    ]);
  });

  it('find a decision that is named otherwise than titled', () => {
    expect(faultOfAdrName(write('0001-old-title.md', '# 0001. New title\n'))).toBe(
      '0001-old-title.md should be 0001-new-title.md',
    );
  });
});
