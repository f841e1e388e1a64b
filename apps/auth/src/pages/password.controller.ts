import { Controller, Get, Post, Req, Res, UseFilters } from '@nestjs/common';
import { html, sendPage } from '@gatehouse/runtime';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { PasswordLinks } from '../people/password/password-links.store.js';
import { NewPassword, newPasswordBox } from './new-password.js';
import { PageErrors } from './page-errors.js';

const Form = z.object({
  token: z.string(),
  password: NewPassword,
});

/** The page of a one-time link by which a person chooses a password. */
@Controller('password')
@UseFilters(PageErrors)
export class PasswordPage {
  constructor(private readonly links: PasswordLinks) {}

  @Get()
  async show(@Req() request: Request, @Res() response: Response): Promise<void> {
    await this.sendForm(response, request.query['token']);
  }

  @Post()
  async submit(@Req() request: Request, @Res() response: Response): Promise<void> {
    const fields = (request.body ?? {}) as Record<string, unknown>;
    const form = Form.safeParse(fields);
    if (!form.success) {
      const fault = form.error.issues[0]?.message ?? 'The form has faults.';
      return this.sendForm(response, fields['token'], fault);
    }
    const { token, password } = form.data;
    if (!(await this.links.finish(token, password))) return sendUsedUp(response);
    sendPage(response, {
      title: 'Password chosen',
      body: html`<h1>Password chosen</h1>
        <p>
          Connect your client to an MCP server's address and sign in. Whatever was signed in with an earlier
          password has ended.
        </p>`,
    });
  }

  private async sendForm(response: Response, token: unknown, fault?: string): Promise<void> {
    const owner = typeof token === 'string' ? await this.links.owner(token) : null;
    if (!owner) return sendUsedUp(response);
    sendPage(response, {
      status: fault === undefined ? 200 : 422,
      title: 'Choose a password',
      body: html`<h1>Choose a password</h1>
        <p>For ${owner.email} at ${owner.tenant}.</p>
        ${fault !== undefined && html`<p class="fault" role="alert">${fault}</p>`}
        <form method="post" action="/password">
          <input type="hidden" name="token" value="${String(token)}" />
          ${newPasswordBox}
          <button class="primary" type="submit">Save password</button>
        </form>`,
    });
  }
}

function sendUsedUp(response: Response): void {
  sendPage(response, {
    status: 404,
    title: 'This link does not work',
    body: html`<h1>This link does not work</h1>
      <p>It was used already, has expired, or was replaced. Ask your administrator for a new one.</p>`,
  });
}
