import type { ServerResponse } from 'node:http';
import { html, sendPage } from '@gatehouse/runtime';
import { formTarget } from '../oidc/requests/redirect.js';
import type { Pending } from './interactions.js';

export interface SignInView {
  readonly status?: number;
  readonly fault?: string;
  readonly email?: string;
  /** Organisations among which the person must choose: told only to who knew the password. */
  readonly organisations?: readonly string[];
}

export function sendSignInPage(response: ServerResponse, pending: Pending, view: SignInView = {}): void {
  const { interaction, redirectUri, loginHint } = pending;
  sendPage(response, {
    status: view.status ?? 200,
    title: 'Sign in',
    // Who has approved before is sent on to the client at once.
    formTargets: [formTarget(redirectUri)],
    body: html`<h1>Sign in</h1>
      ${view.fault !== undefined && html`<p class="fault" role="alert">${view.fault}</p>`}
      <form method="post" action="/interaction/${interaction.uid}/sign-in">
        <input type="hidden" name="form" value="${interaction.cid}" />
        <label for="email">Email</label>
        <input
          id="email"
          name="email"
          type="email"
          autocomplete="username"
          required
          value="${view.email ?? loginHint}"
        />
        <label for="password">Password</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required />
        ${
          view.organisations &&
          html`<label for="organisation">Organisation</label>
            <select id="organisation" name="organisation" required>
              ${view.organisations.map((name) => html`<option>${name}</option>`)}
            </select>`
        }
        <button class="primary" type="submit">Sign in</button>
      </form>`,
  });
}
