export interface Field {
  name: string;
  type: string;
  value: string;
  label: string;
}

export interface Button {
  name: string;
  value: string;
  text: string;
}

export interface Form {
  action: string;
  method: 'get' | 'post';
  fields: Field[];
  buttons: Button[];
}

/** What of a page a person filling it in would go by. */
export interface Page {
  title: string;
  /** What the page says went wrong: the text of the first element with role `alert` or class `fault` or `error`. */
  fault: string | null;
  forms: Form[];
}

type Attributes = Readonly<Record<string, string>>;

interface Element {
  tag: string;
  attributes: Attributes;
  /** HTML between this tag and its end tag; empty for void elements. */
  inner: string;
  /** HTML from here on. */
  at: number;
}

const NOISE = /<!--[\s\S]*?-->|<(script|style|template)\b[\s\S]*?<\/\1\s*>/gi;
const TAG = /<([a-z][a-z0-9]*)((?:"[^"]*"|'[^']*'|[^'">])*)>/gi;
const ATTRIBUTE = /([^\s=/"'<>]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g;
const NAMED: ReadonlyMap<string, string> = new Map(
  Object.entries({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' }),
);

/** Reads forms, whatever the page looks like. Enough for server-rendered pages; scripts are not run. */
export function readPage(html: string): Page {
  const clean = html.replace(NOISE, '');
  const elements = elementsOf(clean);
  const fault = elements.find(
    ({ attributes: { role, class: names = '' } }) => role === 'alert' || /\b(fault|error)\b/i.test(names),
  );
  return {
    title: textOf(elements.find(({ tag }) => tag === 'title')?.inner ?? ''),
    fault: fault ? textOf(fault.inner) : null,
    forms: elements.filter(({ tag }) => tag === 'form').map(readForm),
  };
}

function readForm({ attributes, inner }: Element): Form {
  const elements = elementsOf(inner);
  const labels = elements.filter(({ tag }) => tag === 'label');
  const inputs = elements.filter(({ tag }) => tag === 'input');
  const isButton = ({ attributes: { type } }: Element) => type === 'submit' || type === 'image';
  return {
    action: attributes['action'] ?? '',
    method: attributes['method']?.toLowerCase() === 'post' ? 'post' : 'get',
    fields: inputs
      .filter((input) => !isButton(input) && input.attributes['name'] && wouldBeSent(input.attributes))
      .map((input) => ({
        name: input.attributes['name'] ?? '',
        type: input.attributes['type']?.toLowerCase() ?? 'text',
        value: input.attributes['value'] ?? '',
        label: labelOf(input, labels),
      })),
    buttons: [
      ...elements.filter(({ tag, attributes: { type } }) => tag === 'button' && type !== 'button'),
      ...inputs.filter(isButton),
    ].map(readButton),
  };
}

function wouldBeSent(attributes: Attributes): boolean {
  const optional = attributes['type'] === 'checkbox' || attributes['type'] === 'radio';
  return !('disabled' in attributes) && (!optional || 'checked' in attributes);
}

function readButton({ tag, attributes, inner }: Element): Button {
  const value = attributes['value'] ?? '';
  return { name: attributes['name'] ?? '', value, text: tag === 'button' ? textOf(inner) : value };
}

function labelOf(input: Element, labels: readonly Element[]): string {
  const { id } = input.attributes;
  const label = labels.find(
    ({ attributes, at, inner }) =>
      (id !== undefined && attributes['for'] === id) || (input.at > at && input.at <= at + inner.length),
  );
  return label ? textOf(label.inner) : (input.attributes['aria-label'] ?? '');
}

function elementsOf(html: string): Element[] {
  return [...html.matchAll(TAG)].map((match) => {
    const tag = (match[1] ?? '').toLowerCase();
    const at = match.index + match[0].length;
    const end = html.slice(at).search(new RegExp(`</${tag}\\s*>`, 'i'));
    return {
      tag,
      attributes: attributesOf(match[2] ?? ''),
      inner: end < 0 ? '' : html.slice(at, at + end),
      at,
    };
  });
}

function attributesOf(text: string): Attributes {
  return Object.fromEntries(
    [...text.matchAll(ATTRIBUTE)].map(([, name = '', ...values]) => [
      name.toLowerCase(),
      decode(values.find((value) => value !== undefined) ?? ''),
    ]),
  );
}

function textOf(html: string): string {
  return decode(html.replace(/<[^>]*>/g, ' '))
    .replace(/\s+/g, ' ')
    .trim();
}

function decode(text: string): string {
  return text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]+);/gi, (entity, name: string) => {
    if (!name.startsWith('#')) return NAMED.get(name.toLowerCase()) ?? entity;
    const point = Number(name.slice(1).replace(/^x/i, '0x'));
    return point <= 0x10ffff ? String.fromCodePoint(point) : entity;
  });
}
