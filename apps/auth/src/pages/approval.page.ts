import type { ServerResponse } from 'node:http';
import { scopeOf } from '@gatehouse/contracts';
import { html, sendPage } from '@gatehouse/runtime';
import { isDocumentUrl } from '../clients/documents/document.js';
import { formTarget, isLoopback, redirectHost } from '../oidc/requests/redirect.js';
import type { Access } from '../people/access.js';
import type { Person } from '../people/people.store.js';
import type { Pending } from './interactions.js';

/** Scopes in plain words. */
const MEANING: Readonly<Record<string, string>> = {
  'mcp:read': 'See the tools, prompts and resources of the server',
  'mcp:call': 'Call its tools in your name',
  api: 'Manage this Gatehouse in your name',
};

export function sendApprovalPage(
  response: ServerResponse,
  pending: Pending,
  { person, access, scopes }: { person: Person; access: Access; scopes: readonly string[] },
): void {
  const { interaction, client, redirectUri } = pending;
  const own = new Map(access.scopes.map((scope) => [scopeOf(scope.name), scope.description]));
  const name = client.name ?? redirectHost(redirectUri);
  sendPage(response, {
    title: 'Approve a client',
    formTargets: [formTarget(redirectUri)],
    body: html`<h1>Let ${name} use ${shownName(pending)}?</h1>
      <dl>
        <dt>Server</dt>
        <dd>${pending.resource.url}</dd>
        ${access.description !== '' && html`<dd>${access.description}</dd>`}
        <dt>It may</dt>
        ${scopes.map((scope) => html`<dd>${MEANING[scope] ?? own.get(scope) ?? scope}</dd>`)}
        <dt>The answer goes to</dt>
        <dd>${redirectHost(redirectUri)}</dd>
        ${
          isDocumentUrl(client.id) &&
          html`<dt>The client is described at</dt>
            <dd>${client.id}</dd>`
        }
        <dt>Signed in as</dt>
        <dd>${person.email} (${person.tenant})</dd>
      </dl>
      ${
        client.redirectUris.every(isLoopback) &&
        html`<p class="note">
          The answer goes to a program on the computer you are using, and anybody can give a program the name
          ${name}. Approve only if you have just started this yourself.
        </p>`
      }
      <form method="post" action="/interaction/${interaction.uid}/approval">
        <input type="hidden" name="form" value="${interaction.cid}" />
        <button class="primary" type="submit" name="decision" value="approve">Approve</button>
        <button class="plain" type="submit" name="decision" value="deny">Deny</button>
      </form>
      <p><a href="/interaction/${interaction.uid}/sign-in">Sign in as somebody else</a></p>`,
  });
}

/** The same for a server that does not exist and one that is not for this person: neither may be told apart. */
export function sendNoAccessPage(response: ServerResponse, pending: Pending, person: Person): void {
  sendPage(response, {
    status: 403,
    title: 'No access',
    body: html`<h1>There is no such server, or you may not use it</h1>
      <dl>
        <dt>Server</dt>
        <dd>${pending.resource.url}</dd>
        <dt>Signed in as</dt>
        <dd>${person.email} (${person.tenant})</dd>
      </dl>
      <p>
        Check the address in your client. If it is right, ask your administrator for access to the server.
      </p>
      <p><a href="/interaction/${pending.interaction.uid}/sign-in">Sign in as somebody else</a></p>`,
  });
}

/** For a client that an administrator has blocked, and for one of another organisation's own. */
export function sendBlockedClientPage(response: ServerResponse, pending: Pending, person: Person): void {
  const { client, redirectUri, interaction } = pending;
  sendPage(response, {
    status: 403,
    title: 'This client may not be used',
    body: html`<h1>Your organisation does not allow ${client.name ?? redirectHost(redirectUri)}</h1>
      <dl>
        <dt>Client</dt>
        <dd>${client.id}</dd>
        <dt>Signed in as</dt>
        <dd>${person.email} (${person.tenant})</dd>
      </dl>
      <p>Nothing was sent to the client. Use another one, or ask your administrator.</p>
      <p><a href="/interaction/${interaction.uid}/sign-in">Sign in as somebody else</a></p>`,
  });
}

function shownName({ resource }: Pending): string {
  return resource.kind === 'server' ? `${resource.tenant}/${resource.server}` : 'the admin API';
}
