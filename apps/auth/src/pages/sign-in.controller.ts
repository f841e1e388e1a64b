import { Controller, Get, Post, Req, Res, UseFilters } from '@nestjs/common';
import type { Request, Response } from 'express';
import { tellOutage } from '../oidc/outage.js';
import { Attempts } from '../people/attempts.js';
import { People, type Person } from '../people/people.store.js';
import { SsoDeparture } from '../sso/sso-departure.js';
import { WaysIn, type Offered } from '../sso/ways-in.js';
import { Interactions, type Pending } from './interactions.js';
import { PageErrors } from './page-errors.js';
import { sendSignInPage } from './sign-in.page.js';

type Form = Readonly<Record<string, string>>;

/** A sign-in page that was sent, with what is needed to show it again. */
interface Shown {
  readonly response: Response;
  readonly pending: Pending;
  readonly offered: Offered;
  readonly email: string;
}

/** Signs people in with an e-mail address and a password of our own, or by the provider that speaks for the address. */
@Controller('interaction/:uid/sign-in')
@UseFilters(PageErrors)
export class SignIn {
  constructor(
    private readonly interactions: Interactions,
    private readonly people: People,
    private readonly attempts: Attempts,
    private readonly ways: WaysIn,
    private readonly departure: SsoDeparture,
  ) {}

  @Get()
  async show(@Req() request: Request, @Res() response: Response): Promise<void> {
    const pending = await this.interactions.load(request, response);
    sendSignInPage(response, pending, await this.ways.offered(pending.resource));
  }

  @Post()
  async submit(@Req() request: Request, @Res() response: Response): Promise<void> {
    const pending = await this.interactions.load(request, response);
    const form = this.interactions.form(request, pending);
    const offered = await this.ways.offered(pending.resource);
    const shown = { response, pending, offered, email: form['email'] ?? '' };
    if (!form['password']) return this.byEmail(shown);
    if (!offered.passwords) return sendNoPasswords(shown);
    await this.byPassword(shown, form, request);
  }

  /** An e-mail address alone leads to the provider that speaks for its domain. */
  private async byEmail(shown: Shown): Promise<void> {
    const { response, pending, offered, email } = shown;
    const [row, ...more] = await this.ways.speakingFor(email, offered);
    if (!row) return offered.passwords ? sendWrong(shown) : sendNoPasswords(shown);
    if (more.length === 0) return this.departure.send(response, pending, { row, loginHint: email });
    sendSignInPage(response, pending, { passwords: false, providers: [row, ...more], email });
  }

  private async byPassword(shown: Shown, form: Form, request: Request): Promise<void> {
    const { response, pending, email } = shown;
    const address = request.ip ?? '';
    const wait = await this.attempts.signIn(address, email);
    if (wait > 0) return sendTooMany(shown, wait);
    const [person, ...more] = await this.ways.withPassword(await this.peopleWith(form, pending));
    if (!person) return sendWrong(shown);
    await this.attempts.signedIn(address, email);
    if (more.length > 0) return sendChoice(shown, [person, ...more]);
    response.redirect(303, await this.interactions.signedIn(pending, person, { request, response }));
  }

  /** The tenant follows from the server; for the admin API from the person, or the person's choice. */
  private peopleWith(form: Form, { resource }: Pending): Promise<Person[]> {
    const tenant = resource.kind === 'server' ? resource.tenant : form['organisation'];
    const { email = '', password = '' } = form;
    return tellOutage(() =>
      this.people.signIn({ email, password, ...(tenant === undefined ? {} : { tenant }) }),
    );
  }
}

function sendTooMany({ response, pending, offered }: Shown, wait: number): void {
  response.setHeader('retry-after', wait);
  sendSignInPage(response, pending, {
    ...offered,
    status: 429,
    fault: `Too many failed attempts. Try again in ${Math.ceil(wait / 60)} min.`,
  });
}

function sendNoPasswords({ response, pending, offered }: Shown): void {
  sendSignInPage(response, pending, {
    ...offered,
    status: 403,
    fault: 'Your organisation does not sign in by passwords of Gatehouse.',
  });
}

function sendWrong({ response, pending, offered, email }: Shown): void {
  sendSignInPage(response, pending, {
    ...offered,
    status: 401,
    email,
    fault: 'Email or password is wrong. If you have no password yet, ask your administrator.',
  });
}

function sendChoice({ response, pending, offered }: Shown, people: readonly Person[]): void {
  sendSignInPage(response, pending, {
    ...offered,
    email: people[0]?.email ?? '',
    organisations: people.map(({ tenant }) => tenant),
    fault: 'You belong to several organisations. Choose one, and enter your password again.',
  });
}
