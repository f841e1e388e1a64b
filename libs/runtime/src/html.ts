import type { ServerResponse } from 'node:http';

/** Text that is HTML already and must not be escaped again. */
export class Html {
  constructor(readonly text: string) {}
}

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** What a template takes: text, numbers, HTML, lists of them, or nothing. */
export type HtmlValue = string | number | Html | false | null | undefined | readonly HtmlValue[];

function toHtml(value: HtmlValue): string {
  if (value instanceof Html) return value.text;
  if (value === null || value === undefined || value === false) return '';
  if (typeof value === 'object') return value.map(toHtml).join('');
  return String(value).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

/** A template whose values are escaped, unless they are {@link Html} themselves. */
export function html(strings: TemplateStringsArray, ...values: HtmlValue[]): Html {
  return new Html(String.raw({ raw: strings }, ...values.map(toHtml)));
}

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; display: grid; place-items: start center; }
main { width: min(40rem, 100% - 3rem); margin: 8vh 0 4rem; }
h1 { font-size: 1.5rem; line-height: 1.25; }
label { display: block; margin: 1rem 0 .25rem; font-weight: 600; }
input { font: inherit; width: 100%; padding: .6rem .75rem; border: 1px solid #8888; border-radius: .5rem; box-sizing: border-box; }
button { font: inherit; font-weight: 600; margin: 1.5rem .75rem 0 0; padding: .6rem 1.25rem; border-radius: .5rem; border: 1px solid #3558d4; cursor: pointer; }
button.primary { background: #3558d4; color: #fff; }
button.plain { background: transparent; color: inherit; border-color: #8888; }
pre { padding: 1rem; overflow-x: auto; border: 1px solid #8884; border-radius: .5rem; font-size: .9rem; }
dt { font-weight: 600; margin-top: .75rem; } dd { margin: 0; overflow-wrap: anywhere; }
.note { border-left: 4px solid #c77d00; padding: .25rem 1rem; } .fault { border-left: 4px solid #c62828; padding: .25rem 1rem; }
`;

export interface Page {
  status?: number;
  title: string;
  body: Html;
  /** Origins, beside our own, to which a form on the page may lead (CSP `form-action`, redirects included). */
  formTargets?: readonly string[];
}

/** Sends a page under a strict content security policy: no script, no frame, no referrer, no cache. */
export function sendPage(response: ServerResponse, page: Page): void {
  const text = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${page.title} - Gatehouse</title>
        <link rel="stylesheet" href="data:text/css;base64,${Buffer.from(STYLE).toString('base64')}" />
      </head>
      <body>
        <main>${page.body}</main>
      </body>
    </html>`.text;
  const formAction = ["'self'", ...(page.formTargets ?? [])].join(' ');
  response.writeHead(page.status ?? 200, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'content-security-policy': `default-src 'none'; style-src data:; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action ${formAction}`,
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  });
  response.end(text);
}
