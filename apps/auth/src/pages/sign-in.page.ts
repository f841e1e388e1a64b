import type { ServerResponse } from 'node:http';
import { html, sendPage, type Html } from '@gatehouse/runtime';
import { formTarget, redirectHost } from '../oidc/requests/redirect.js';
import { displayName } from '../sso/providers/identity-providers.store.js';
import type { Offered } from '../sso/ways-in.js';
import type { Pending } from './interactions.js';

export interface SignInView extends Pick<Offered, 'passwords' | 'providers'> {
  readonly status?: number;
  readonly fault?: string;
  readonly email?: string;
  /** Organisations among which the person must choose: told only to who knew the password. */
  readonly organisations?: readonly string[];
}

export function sendSignInPage(response: ServerResponse, pending: Pending, view: SignInView): void {
  const { redirectUri, client, resource } = pending;
  sendPage(response, {
    status: view.status ?? 200,
    title: 'Sign in',
    // Who has approved before is sent on to the client at once.
    formTargets: [formTarget(redirectUri)],
    body: html`<h1>Sign in</h1>
      <p>
        ${client.name ?? 'A client'} asks you to, for ${resource.url}. Its answer goes to
        ${redirectHost(redirectUri)}.
      </p>
      ${view.fault !== undefined && html`<p class="fault" role="alert">${view.fault}</p>`}
      ${view.passwords && passwordForm(pending, view)} ${view.providers.length > 0 && buttons(pending, view)}`,
  });
}

/** Where there are providers, an e-mail address of a domain of theirs is enough. */
function passwordForm({ interaction, loginHint }: Pending, view: SignInView): Html {
  return html`<form method="post" action="/interaction/${interaction.uid}/sign-in">
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
    <input id="password" name="password" type="password" autocomplete="current-password" />
    ${
      view.organisations &&
      html`<label for="organisation">Organisation</label>
        <select id="organisation" name="organisation" required>
          ${view.organisations.map((name) => html`<option>${name}</option>`)}
        </select>`
    }
    <button class="primary" type="submit">Sign in</button>
  </form>`;
}

function buttons({ interaction, loginHint }: Pending, { providers, email }: SignInView): Html {
  const tenants = new Set(providers.map(({ tenant }) => tenant));
  return html`<form method="post" action="/interaction/${interaction.uid}/sso">
    <input type="hidden" name="form" value="${interaction.cid}" />
    <input type="hidden" name="email" value="${email ?? loginHint}" />
    ${providers.map(
      (row) =>
        html`<button class="plain" type="submit" name="provider" value="${row.tenant}/${row.name}">
          Continue with ${displayName(row)}${tenants.size > 1 && ` (${row.tenant})`}
        </button>`,
    )}
  </form>`;
}
