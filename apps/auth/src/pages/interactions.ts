import { randomBytes, timingSafeEqual } from 'node:crypto';
import { ForbiddenException, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { errors, Provider } from 'oidc-provider';
import { parseResource, possibleScopes, type Resource } from '../oidc/requests/resource.js';
import { ACR_PREFIX } from '../sso/session-age.js';
import { OidcState } from '../oidc/oidc-state.store.js';
import type { Person } from '../people/people.store.js';

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;

/** Seconds for which a sign-in form is good once it was sent: buttons are pressed twice, and answers get lost. */
const REPEAT_SECONDS = 30;

/** An authorization request that waits for a person. */
export interface Pending {
  readonly interaction: Interaction;
  readonly resource: Resource;
  readonly client: {
    readonly id: string;
    readonly name: string | undefined;
    readonly redirectUris: readonly string[];
  };
  readonly redirectUri: string;
  /** As asked; an e-mail address to begin with. */
  readonly loginHint: string;
  /** Those that there can be; which of a server's own exist is not looked at here. */
  readonly scopes: readonly string[];
}

interface Exchange {
  readonly request: Request;
  readonly response: Response;
  /** The identity provider by which the person came; without, by a password of ours. */
  readonly provider?: string;
}

/** Reads and finishes the engine's interactions: sign-in and approval. */
@Injectable()
export class Interactions {
  constructor(
    private readonly provider: Provider,
    private readonly state: OidcState,
  ) {}

  /** @throws errors.SessionNotFound if the request is over, or belongs to another browser */
  async load(request: Request, response: Response): Promise<Pending> {
    const interaction = await this.provider.interactionDetails(request, response);
    const { params } = interaction;
    const client = await this.provider.Client.find(String(params['client_id']));
    const resource = parseResource(this.provider.issuer, String(params['resource']));
    if (interaction.uid !== request.params['uid'] || !client || !resource)
      throw new errors.SessionNotFound('interaction session not found');
    return {
      interaction,
      resource,
      client: { id: client.clientId, name: client.clientName, redirectUris: client.redirectUris ?? [] },
      redirectUri: String(params['redirect_uri']),
      loginHint: typeof params['login_hint'] === 'string' ? params['login_hint'] : '',
      scopes: possibleScopes(resource, String(params['scope'])),
    };
  }

  /**
   * The form that a page of ours sent. Three things must agree: the interaction's cookie (see {@link load}), the token
   * in the form, and what the browser says about where the form was.
   *
   * @throws ForbiddenException for a form of anybody else's page
   */
  form(request: Request, { interaction }: Pending): Readonly<Record<string, string>> {
    const fields = Object.fromEntries(
      Object.entries((request.body ?? {}) as object).filter(([, value]) => typeof value === 'string'),
    ) as Record<string, string>;
    const origin = request.headers.origin;
    const site = request.headers['sec-fetch-site'];
    // "null": our pages send no referrer, and browsers then keep the origin back too.
    const ours = origin === undefined || origin === 'null' || origin === this.provider.issuer;
    if (!ours || (site !== undefined && site !== 'same-origin' && site !== 'none'))
      throw new ForbiddenException();
    if (!same(fields['form'] ?? '', interaction.cid)) throw new ForbiddenException();
    return fields;
  }

  async signedIn({ interaction }: Pending, person: Person, browser: Exchange): Promise<string> {
    const context = this.provider.createContext(browser.request, browser.response);
    const session = await this.provider.Session.get(context);
    // The engine would sign somebody else out first, by a page with a script. This browser just changes hands.
    const replaced = session.accountId !== undefined && session.accountId !== person.id;
    if (replaced) delete interaction.session;
    // The cookies of the request may have been planted in this browser: what is signed in gets a name of its own.
    const uid = randomBytes(32).toString('base64url');
    const returnTo = interaction.returnTo.replace(interaction.uid, uid);
    const acr = browser.provider === undefined ? {} : { acr: ACR_PREFIX + browser.provider };
    const result = { login: { accountId: person.id, ...acr } };
    const signedIn = new this.provider.Interaction();
    await Object.assign(signedIn, interaction, { jti: uid, returnTo, result }).persist();
    await interaction.save(REPEAT_SECONDS);
    context.cookies.set(this.provider.cookieName('resume'), uid, {
      ...{ path: new URL(returnTo).pathname, httpOnly: true, sameSite: 'lax', signed: true },
      secure: this.provider.issuer.startsWith('https:'),
    });
    if (replaced) await this.state.endSession(session.uid);
    return returnTo;
  }

  /** @param scopes those that were approved: the rest of what was asked for is no further question */
  async approved(
    { interaction, client, scopes: asked }: Pending,
    person: Person,
    scopes: readonly string[],
  ): Promise<string> {
    const grant = new this.provider.Grant({ accountId: person.id, clientId: client.id });
    const resource = String(interaction.params['resource']);
    grant.addResourceScope(resource, [...scopes]);
    grant.rejectResourceScope(
      resource,
      asked.filter((scope) => !scopes.includes(scope)),
    );
    interaction.result = { ...interaction.lastSubmission, consent: { grantId: await grant.save() } };
    await interaction.persist();
    return interaction.returnTo;
  }

  denied(pending: Pending): Promise<string> {
    return this.refused(pending, {
      error: 'access_denied',
      error_description: 'the person denied the request',
    });
  }

  async refused(
    { interaction }: Pending,
    result: { error: string; error_description: string },
  ): Promise<string> {
    interaction.result = result;
    await interaction.persist();
    return interaction.returnTo;
  }
}

function same(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
