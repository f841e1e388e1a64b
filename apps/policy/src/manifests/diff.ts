const ABSENT = '(none)';

/** What differs, one line a place: `path: before -> after`, by path. Nothing differs: no line. */
export function diff(before: object | null, after: object): string[] {
  const old = new Map(leavesOf(before ?? {}, ''));
  const now = new Map(leavesOf(after, ''));
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((path) => old.get(path) !== now.get(path))
    .map((path) => `${path}: ${old.get(path) ?? ABSENT} -> ${now.get(path) ?? ABSENT}`)
    .sort();
}

/** Lists of objects go by their items' names: their order means nothing. */
function leavesOf(value: unknown, path: string): Array<[string, string]> {
  if (Array.isArray(value) && value.every(isObject))
    return value.flatMap((item) => leavesOf(item, `${path}[${String(item['name'] ?? item['subject'])}]`));
  if (isObject(value) && !Array.isArray(value))
    return Object.entries(value).flatMap(([name, member]) =>
      leavesOf(member, path ? `${path}.${name}` : name),
    );
  return value === undefined ? [] : [[path, textOf(value)]];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Text as it is, unless that would hide something: then as JSON. */
function textOf(value: unknown): string {
  const json = JSON.stringify(value);
  return typeof value === 'string' && value !== '' && json === `"${value}"` ? value : json;
}
