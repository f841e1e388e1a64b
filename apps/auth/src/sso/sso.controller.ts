import { Controller, Get, Post, Req, Res, UseFilters } from '@nestjs/common';
import type { Request, Response } from 'express';
import { errors } from 'oidc-provider';
import { Interactions, type Pending } from '../pages/interactions.js';
import { PageErrors } from '../pages/page-errors.js';
import { Attempts } from '../people/attempts.js';
import { IdentityProviders } from './providers/identity-providers.store.js';
import { SignInRefused } from './sign-in-refused.js';
import { SingleSignOn } from './single-sign-on.js';
import { callbackPath, SsoDeparture } from './sso-departure.js';
import { SsoSignIns } from './sso-sign-ins.store.js';
import type { IdentityProviderRow } from './sso.entity.js';
import { sendTooManyPage } from './sso.page.js';

/** A state as {@link SingleSignOn} makes it: the interaction's id and a digest. */
const STATE = /^([\w-]{1,64})\.[\w-]{43}$/;

/** The buttons `Continue with ...`. Nothing leaves for a provider before one is pressed. */
@Controller('interaction/:uid/sso')
@UseFilters(PageErrors)
export class SsoStart {
  constructor(
    private readonly interactions: Interactions,
    private readonly providers: IdentityProviders,
    private readonly departure: SsoDeparture,
  ) {}

  @Post()
  async start(@Req() request: Request, @Res() response: Response): Promise<void> {
    const pending = await this.interactions.load(request, response);
    const form = this.interactions.form(request, pending);
    const row = await this.chosen(form['provider'] ?? '', pending);
    if (!row) return response.redirect(303, `/interaction/${pending.interaction.uid}/sign-in`);
    await this.departure.send(response, pending, { row, loginHint: form['email'] ?? '' });
  }

  /** @param value `tenant/name` */
  private async chosen(value: string, { resource }: Pending): Promise<IdentityProviderRow | null> {
    const [tenant = '', name = ''] = value.split('/');
    if (tenant === '' || (resource.kind === 'server' && resource.tenant !== tenant)) return null;
    const row = await this.providers.find({ tenant, name });
    return row?.settings.enabled ? row : null;
  }
}

/** The redirect URI at every provider. The cookies that know this browser again are for the interaction's own address. */
@Controller('sso/callback')
@UseFilters(PageErrors)
export class SsoCallback {
  @Get()
  pass(@Req() request: Request, @Res() response: Response): void {
    const { state } = request.query;
    const [, uid] = STATE.exec(typeof state === 'string' ? state : '') ?? [];
    if (uid === undefined) throw new errors.SessionNotFound('no state of ours');
    response.setHeader('cache-control', 'no-store');
    response.redirect(303, `${callbackPath(uid)}?${queryOf(request)}`);
  }
}

/** Where a person comes back from a provider. */
@Controller('interaction/:uid/sso/callback')
@UseFilters(PageErrors)
export class SsoReturn {
  constructor(
    private readonly interactions: Interactions,
    private readonly signIns: SsoSignIns,
    private readonly sso: SingleSignOn,
    private readonly departure: SsoDeparture,
    private readonly attempts: Attempts,
  ) {}

  @Get()
  async arrive(@Req() request: Request, @Res() response: Response): Promise<void> {
    const pending = await this.interactions.load(request, response);
    const interaction = pending.interaction.uid;
    const [address, attempt] = [request.ip ?? '', `sso ${interaction}`];
    const wait = await this.attempts.signIn(address, attempt);
    if (wait > 0) return sendTooManyPage(response, wait);
    const secret = this.departure.secretIn(request);
    const row = await this.signIns.take(secret, interaction);
    if (!row) throw new errors.SessionNotFound('not begun in this browser, finished already, or too late');
    try {
      const person = await this.sso.person(row, { interaction, secret }, queryOf(request));
      await this.attempts.signedIn(address, attempt);
      const browser = { request, response, provider: row.name };
      response.redirect(303, await this.interactions.signedIn(pending, person, browser));
    } catch (error) {
      // Trouble of the provider's, or our own, is no failed attempt.
      if (!(error instanceof SignInRefused) || error.status >= 500)
        await this.attempts.signedIn(address, attempt);
      await this.departure.refuse(response, pending, { row, error });
    }
  }
}

function queryOf({ originalUrl }: Request): URLSearchParams {
  return new URLSearchParams(originalUrl.slice(originalUrl.indexOf('?') + 1));
}
