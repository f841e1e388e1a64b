import type { ServerResponse } from 'node:http';
import { html, sendPage } from '@gatehouse/runtime';
import { RETRY_AFTER_SECONDS } from '../oidc/outage.js';
import type { SignInRefused } from './sign-in-refused.js';

/**
 * Sends the browser on to a provider by a page of its own: a redirect would count as the target of the form, which our
 * policy (`form-action`) keeps at home, and so would every redirect that follows at the provider.
 */
export function sendOnwardPage(response: ServerResponse, provider: string, address: URL): void {
  response.setHeader('refresh', `0; url=${address.href}`);
  sendPage(response, {
    title: `Continue with ${provider}`,
    body: html`<h1>Continue with ${provider}</h1>
      <p><a href="${address.href}">Go on if nothing happens</a></p>`,
  });
}

/** @param again where to start again, if that can help */
export function sendRefusedPage(
  response: ServerResponse,
  refused: SignInRefused,
  { provider, again }: { readonly provider: string; readonly again: string | null },
): void {
  const { heading, advice } = refused.explain(provider);
  if (refused.status === 503) response.setHeader('retry-after', RETRY_AFTER_SECONDS);
  sendPage(response, {
    status: refused.status,
    title: heading,
    body: html`<h1>${heading}</h1>
      <p>${advice}</p>
      ${
        again === null
          ? html`<p>
              What your clients could do in your name has ended. Go back to your client to connect again.
            </p>`
          : html`<p><a href="${again}">Back to the sign-in</a></p>`
      }`,
  });
}

export function sendTooManyPage(response: ServerResponse, wait: number): void {
  response.setHeader('retry-after', wait);
  sendPage(response, {
    status: 429,
    title: 'Too many attempts',
    body: html`<h1>Too many failed attempts</h1>
      <p>Try again in ${Math.ceil(wait / 60)} min.</p>`,
  });
}
