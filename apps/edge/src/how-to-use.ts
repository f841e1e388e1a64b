import type { IncomingMessage } from 'node:http';
import { connectSnippets } from '@gatehouse/mcp';
import { html, sendPage } from '@gatehouse/runtime';
import { presentsToken } from './caller/presented-token.js';
import type { Exchange } from './call/exchange.js';

const SHOWN = new Set(['cursor', 'claude-code', 'vscode']);

/** True for a person's browser that was given the URL meant for an IDE. */
export function wantsPage(request: IncomingMessage): boolean {
  const { accept = '' } = request.headers;
  return !presentsToken(request) && accept.toLowerCase().includes('text/html');
}

/** Says how to use the URL. It is made from the URL alone, and so tells a stranger nothing about what exists. */
export function howToUsePage({ response, resource, target }: Exchange): void {
  const snippets = connectSnippets(resource, target.server).filter(({ client }) => SHOWN.has(client));
  sendPage(response, {
    title: 'How to use',
    body: html`
      <h1>How to use</h1>
      <p>
        This address is for an AI client. Add it to yours as shown below; the client then opens your browser,
        you sign in, and it works. There is no key to copy.
      </p>
      ${snippets.map(
        ({ title, file, text, deepLink }) => html`
          <h2>${title}</h2>
          ${file && html`<p>In <code>${file}</code>:</p>`}
          <pre><code>${text}</code></pre>
          ${deepLink && html`<p><a href="${deepLink}">Add to ${title}</a></p>`}
        `,
      )}
      <p>If your client says that it cannot sign in, run <code>npx gatehouse doctor ${resource}</code>.</p>
    `,
  });
}
