import type { ServerResponse } from 'node:http';
import { html, sendPage, type Html } from '@gatehouse/runtime';
import { errors, type ErrorOut, type KoaContextWithOIDC } from 'oidc-provider';
import { UnusableDocument } from '../clients/documents/document.js';
import { RETRY_AFTER_SECONDS } from '../oidc/outage.js';

interface Explanation {
  readonly title: string;
  readonly body: Html;
}

const EXPIRED: Explanation = {
  title: 'This sign-in has expired',
  body: html`<p>It took too long, was finished already, or was begun in another browser.</p>
    <p>Go back to your client and connect again.</p>`,
};

const UNKNOWN_CLIENT: Explanation = {
  title: 'This client is not registered here',
  body: html`<p>Your client uses a registration that this Gatehouse does not know, or has forgotten.</p>
    <p>Make it forget the registration, then connect again:</p>
    <dl>
      <dt>Claude Code</dt>
      <dd>/mcp, choose the server, Clear authentication</dd>
      <dt>Cursor</dt>
      <dd>Settings, MCP: log out of the server, or remove it and add it again</dd>
      <dt>VS Code</dt>
      <dd>Command palette: Authentication: Remove Dynamic Authentication Providers</dd>
      <dt>mcp-remote</dt>
      <dd>delete the folder ~/.mcp-auth</dd>
      <dt>Others</dt>
      <dd>remove the server and add it again</dd>
    </dl>`,
};

const UNAVAILABLE: Explanation = {
  title: 'Gatehouse is not available at the moment',
  body: html`<p>
    A part of it cannot be reached. Nothing is wrong with your account. Load this page again shortly.
  </p>`,
};

const FOREIGN_FORM: Explanation = {
  title: 'This form is not ours',
  body: html`<p>It did not come from a page of Gatehouse in this browser, so nothing was done.</p>
    <p>Go back to your client and connect again.</p>`,
};

const BUG: Explanation = {
  title: 'Something went wrong',
  body: html`<p>It has been logged. Go back to your client and connect again.</p>`,
};

/** Shows the engine's error to the person: what happened and what to do. */
export function sendErrorPage(ctx: KoaContextWithOIDC, out: ErrorOut, error: Error): void {
  ctx.respond = false;
  sendExplanation(ctx.res, ctx.status, explain(out, error));
}

/** An error outside of the engine, for the person. */
export function sendError(response: ServerResponse, status: number, error: unknown): void {
  if (error instanceof errors.SessionNotFound) return sendExplanation(response, 400, EXPIRED);
  if (error instanceof UnusableDocument) return sendExplanation(response, status, unusable(error));
  const explanations: Record<number, Explanation> = { 403: FOREIGN_FORM, 503: UNAVAILABLE };
  sendExplanation(response, status, explanations[status] ?? BUG);
}

function explain(out: ErrorOut, error: Error): Explanation {
  if (error instanceof errors.SessionNotFound) return EXPIRED;
  if (error instanceof UnusableDocument) return unusable(error);
  switch (out.error) {
    case 'invalid_client':
      return UNKNOWN_CLIENT;
    case 'temporarily_unavailable':
      return UNAVAILABLE;
    case 'server_error':
      return BUG;
    case 'invalid_redirect_uri':
      return {
        title: 'The client wants its answer at an unknown address',
        body: html`<p>It has not registered that address, so nothing was sent there.</p>
          <p>If you trust the client, remove this server from it and add it again.</p>`,
      };
    default:
      return {
        title: 'The client asked for something that cannot be done',
        body: html`<p>${out.error_description ?? out.error}</p>
          <p>
            Go back to your client and connect again. If this stays, tell its makers:
            <code>${out.error}</code>
          </p>`,
      };
  }
}

function unusable({ url, reason, unreachable }: UnusableDocument): Explanation {
  const advice = unreachable
    ? html`<p>Your account and your client are not at fault. Connect again in a moment.</p>
        <p>If this stays, ask an administrator whether Gatehouse may reach that address.</p>`
    : html`<p>Tell the makers of the client.</p>`;
  return {
    title: 'The description of your client cannot be used',
    body: html`<p>Your client is described at <code>${url}</code>, but ${reason}.</p>
      ${advice}`,
  };
}

function sendExplanation(response: ServerResponse, status: number, { title, body }: Explanation): void {
  if (status === 503) response.setHeader('retry-after', RETRY_AFTER_SECONDS);
  sendPage(response, {
    status,
    title,
    body: html`<h1>${title}</h1>
      ${body}`,
  });
}
