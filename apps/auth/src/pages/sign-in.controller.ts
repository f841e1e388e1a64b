import { Controller, Get, Post, Req, Res, UseFilters } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Attempts } from '../people/attempts.js';
import { People, type Person } from '../people/people.store.js';
import { Interactions, type Pending } from './interactions.js';
import { PageErrors } from './page-errors.js';
import { sendSignInPage } from './sign-in.page.js';

type Form = Readonly<Record<string, string>>;

/** Signs people in with an e-mail address and a password of our own. */
@Controller('interaction/:uid/sign-in')
@UseFilters(PageErrors)
export class SignIn {
  constructor(
    private readonly interactions: Interactions,
    private readonly people: People,
    private readonly attempts: Attempts,
  ) {}

  @Get()
  async show(@Req() request: Request, @Res() response: Response): Promise<void> {
    sendSignInPage(response, await this.interactions.load(request, response));
  }

  @Post()
  async submit(@Req() request: Request, @Res() response: Response): Promise<void> {
    const pending = await this.interactions.load(request, response);
    const form = this.interactions.form(request, pending);
    const email = form['email'] ?? '';
    const address = request.ip ?? '';
    const wait = await this.attempts.signIn(address, email);
    if (wait > 0) return sendTooMany(response, pending, wait);
    const [person, ...more] = await this.peopleWith(form, pending);
    if (!person) return sendWrong(response, pending, email);
    await this.attempts.signedIn(address, email);
    if (more.length > 0) return sendChoice(response, pending, [person, ...more]);
    response.redirect(303, await this.interactions.signedIn(pending, person, { request, response }));
  }

  /** The tenant follows from the server; for the admin API from the person, or the person's choice. */
  private peopleWith(form: Form, { resource }: Pending): Promise<Person[]> {
    const tenant = resource.kind === 'server' ? resource.tenant : form['organisation'];
    const { email = '', password = '' } = form;
    return this.people.signIn({ email, password, ...(tenant === undefined ? {} : { tenant }) });
  }
}

function sendTooMany(response: Response, pending: Pending, wait: number): void {
  response.setHeader('retry-after', wait);
  sendSignInPage(response, pending, {
    status: 429,
    fault: `Too many failed attempts. Try again in ${Math.ceil(wait / 60)} min.`,
  });
}

function sendWrong(response: Response, pending: Pending, email: string): void {
  sendSignInPage(response, pending, {
    status: 401,
    email,
    fault: 'Email or password is wrong. If you have no password yet, ask your administrator.',
  });
}

function sendChoice(response: Response, pending: Pending, people: readonly Person[]): void {
  sendSignInPage(response, pending, {
    email: people[0]?.email ?? '',
    organisations: people.map(({ tenant }) => tenant),
    fault: 'You belong to several organisations. Choose one, and enter your password again.',
  });
}
