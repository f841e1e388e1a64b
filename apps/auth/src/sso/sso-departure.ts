import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Provider } from 'oidc-provider';
import type { Pending } from '../pages/interactions.js';
import { displayName } from './providers/identity-providers.store.js';
import { RefusedSignIns } from './refused-sign-ins.js';
import { SignInRefused } from './sign-in-refused.js';
import { SingleSignOn } from './single-sign-on.js';
import { SsoSignIns } from './sso-sign-ins.store.js';
import type { IdentityProviderRow } from './sso.entity.js';
import { sendOnwardPage, sendRefusedPage } from './sso.page.js';

const COOKIE_LIFETIME_MS = 10 * 60_000;

/** Sends a person who has pressed a button to an identity provider, with a cookie by which this browser is known again. */
@Injectable()
export class SsoDeparture {
  private readonly cookie: string;
  private readonly secure: boolean;

  constructor(
    provider: Provider,
    private readonly sso: SingleSignOn,
    private readonly signIns: SsoSignIns,
    private readonly refusals: RefusedSignIns,
  ) {
    this.secure = provider.issuer.startsWith('https:');
    this.cookie = this.secure ? '__Secure-gatehouse_sso' : 'gatehouse_sso';
  }

  async send(
    response: Response,
    pending: Pending,
    to: { row: IdentityProviderRow; loginHint: string },
  ): Promise<void> {
    const { row, loginHint } = to;
    const { uid, prompt } = pending.interaction;
    const switchAccount = prompt.name === 'consent' || prompt.reasons.includes('login_prompt');
    try {
      const secret = await this.signIns.begin(row, uid);
      const address = await this.sso.address(row, { interaction: uid, secret }, { loginHint, switchAccount });
      response.cookie(this.cookie, secret, {
        ...{ httpOnly: true, sameSite: 'lax', secure: this.secure },
        ...{ path: callbackPath(uid), maxAge: COOKIE_LIFETIME_MS },
      });
      sendOnwardPage(response, displayName(row), address);
    } catch (error) {
      await this.refuse(response, pending, { row, error });
    }
  }

  /** The secret of the browser's cookie; empty if it has none. */
  secretIn({ headers }: Request): string {
    const pairs = (headers.cookie ?? '').split(/; */);
    return pairs.find((pair) => pair.startsWith(`${this.cookie}=`))?.slice(this.cookie.length + 1) ?? '';
  }

  /** Shows the person why they were not signed in. Anything but a refusal is thrown again. */
  async refuse(
    response: Response,
    pending: Pending,
    what: { row: IdentityProviderRow; error: unknown },
  ): Promise<void> {
    const { row, error } = what;
    if (!(error instanceof SignInRefused)) throw error;
    const { uid, session } = pending.interaction;
    const browser = { person: session?.accountId, client: pending.client.id };
    const ended = await this.refusals.settle(error, row, browser);
    const again = ended ? null : `/interaction/${uid}/sign-in`;
    sendRefusedPage(response, error, { provider: displayName(row), again });
  }
}

export function callbackPath(uid: string): string {
  return `/interaction/${uid}/sso/callback`;
}
