import { Controller, Get, Post, Req, Res, UseFilters } from '@nestjs/common';
import { html, sendPage } from '@gatehouse/runtime';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { Setup } from '../people/setup.store.js';
import { NewPassword, newPasswordBox } from './new-password.js';
import { PageErrors } from './page-errors.js';

const Form = z.object({
  token: z.string(),
  email: z.email('Enter an e-mail address.'),
  password: NewPassword,
});

/** The one-time page on which a new installation gets its first administrator. */
@Controller('setup')
@UseFilters(PageErrors)
export class SetupPage {
  constructor(private readonly setup: Setup) {}

  @Get()
  async show(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { token } = request.query;
    if (typeof token !== 'string' || !(await this.setup.accepts(token))) return sendUsedUp(response);
    sendForm(response, { token, email: '' });
  }

  @Post()
  async submit(@Req() request: Request, @Res() response: Response): Promise<void> {
    const fields = (request.body ?? {}) as Record<string, unknown>;
    const form = Form.safeParse(fields);
    if (!form.success) {
      const fault = form.error.issues[0]?.message ?? 'The form has faults.';
      return sendForm(response, { token: String(fields['token']), email: String(fields['email']), fault });
    }
    const { token, ...admin } = form.data;
    if (!(await this.setup.finish(token, admin))) return sendUsedUp(response);
    sendPage(response, {
      title: 'Ready',
      body: html`<h1>Ready</h1>
        <p>
          ${admin.email} is the administrator now. Connect your client to an MCP server's address and sign in.
        </p>`,
    });
  }
}

function sendForm(response: Response, view: { token: string; email: string; fault?: string }): void {
  sendPage(response, {
    status: view.fault === undefined ? 200 : 422,
    title: 'Set up Gatehouse',
    body: html`<h1>Make the first administrator</h1>
      ${view.fault !== undefined && html`<p class="fault" role="alert">${view.fault}</p>`}
      <form method="post" action="/setup">
        <input type="hidden" name="token" value="${view.token}" />
        <label for="email">Email</label>
        <input id="email" name="email" type="email" autocomplete="username" required value="${view.email}" />
        ${newPasswordBox}
        <button class="primary" type="submit">Make administrator</button>
      </form>`,
  });
}

function sendUsedUp(response: Response): void {
  sendPage(response, {
    status: 404,
    title: 'This link does not work',
    body: html`<h1>This link does not work</h1>
      <p>It was used already, is older than a day, or there is an administrator.</p>
      <p>While there is none, Gatehouse prints a new link at each start.</p>`,
  });
}
