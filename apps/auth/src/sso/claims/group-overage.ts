import { Injectable } from '@nestjs/common';
import type { IdentityProvider } from '@gatehouse/contracts';
import { Outbound } from '@gatehouse/outbound';
import { z } from 'zod';
import { presetOf } from '../providers/presets.js';
import { providerTrouble } from '../providers/provider-trouble.js';
import { SignInRefused } from '../sign-in-refused.js';

/** The answer of getMemberObjects (Microsoft Graph): it has no pages. */
const MemberObjects = z.object({ value: z.array(z.string()), '@odata.nextLink': z.undefined().optional() });

/**
 * Asks for the groups of a person who has too many for a token. Asked is the endpoint of the preset or the manifest,
 * never the one that the token names: the access token would go wherever that says.
 */
@Injectable()
export class GroupOverage {
  constructor(private readonly outbound: Outbound) {}

  /** @throws SignInRefused `groups_unresolved`, `unavailable`: without all of a person's groups nothing is decided */
  async resolve(accessToken: string, settings: IdentityProvider): Promise<readonly string[]> {
    const endpoint = settings.groups_endpoint ?? presetOf(settings).groupsEndpoint;
    if (endpoint === undefined)
      throw new SignInRefused(
        'groups_unresolved',
        'there are too many for the token, and groups_endpoint is not set',
      );
    const response = await this.outbound
      .fetch(endpoint, {
        method: 'POST',
        headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ securityEnabledOnly: false }),
      })
      .catch((error: unknown) => {
        throw providerTrouble(error, 'groups endpoint');
      });
    return this.read(response);
  }

  private async read(response: Response): Promise<readonly string[]> {
    const why = `the groups endpoint answered ${response.status}`;
    if (response.status >= 500 || response.status === 429) throw new SignInRefused('unavailable', why);
    if (response.status !== 200) throw new SignInRefused('groups_unresolved', why);
    const body = MemberObjects.safeParse(await response.json().catch(() => null));
    if (!body.success)
      throw new SignInRefused('groups_unresolved', 'the groups endpoint did not list all groups');
    return body.data.value;
  }
}
