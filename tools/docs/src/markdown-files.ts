import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

const NOT_OURS = /^(?:node_modules|dist|\..*)$/;

/** Every Markdown file in a folder and below it; not what is installed, built or hidden. */
export function markdownFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_OURS.test(entry.name) ? [] : markdownFiles(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

/** Relative links that lead nowhere: to no file, or to no heading of a Markdown file. */
export function deadLinks(file: string): string[] {
  const text = withoutCode(readFileSync(file, 'utf8'));
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => !/^[a-z]+:/.test(target) && !leadsSomewhere(file, target));
}

/** What is wrong with a decision's file name: `0007-the-title-in-words.md` for `# 0007. The title, in words`. */
export function faultOfAdrName(file: string): string | null {
  const title = /^# (.+)$/m.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
  const words = title
    .toLowerCase()
    .replaceAll("'", '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return `${words}.md` === basename(file) ? null : `${basename(file)} should be ${words}.md`;
}

/** Commands in code blocks and code spans that begin with `program`. */
export function commandsIn(file: string, program: string): string[] {
  const text = readFileSync(file, 'utf8');
  const pattern = new RegExp(`${program} ([^\`#\\n|&:]+)`, 'g');
  return [...text.matchAll(pattern)].map(([, rest = '']) => rest.trim());
}

function leadsSomewhere(file: string, target: string): boolean {
  const [path = '', anchor] = target.split('#');
  const found = path === '' ? file : resolve(dirname(file), path);
  if (!existsSync(found)) return false;
  return anchor === undefined || !found.endsWith('.md') || anchorsOf(found).includes(anchor);
}

/** As GitHub makes them of headings. */
function anchorsOf(file: string): string[] {
  const headings = [...withoutCode(readFileSync(file, 'utf8')).matchAll(/^#+ (.+)$/gm)];
  return headings.map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

function withoutCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```$/gm, '');
}
