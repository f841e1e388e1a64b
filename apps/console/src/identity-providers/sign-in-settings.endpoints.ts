import { Bus } from '@gatehouse/bus';
import { getSignInSettings, setSignInSettings, SignInSettings } from '@gatehouse/contracts';
import { jsonBody } from '../api/body-format.js';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call, Reply } from '../api/route.js';

const path = '/api/v1/settings/sign-in';

const showSettings = route({
  method: 'GET',
  path,
  summary: 'How people may sign in',
  access: 'admin',
  reply: SignInSettings,
});

const changeSettings = route({
  method: 'PUT',
  path,
  summary:
    'Whether people may sign in by passwords of Gatehouse: only where an identity provider is enabled may they not',
  access: 'admin',
  body: jsonBody(SignInSettings),
  reply: SignInSettings,
});

@Endpoint(showSettings)
export class ShowSignInSettings {
  constructor(private readonly bus: Bus) {}

  handle({ caller }: Call<typeof showSettings>): Promise<Reply<typeof showSettings>> {
    return this.bus.request(getSignInSettings, { tenant: caller.tenant });
  }
}

@Endpoint(changeSettings)
export class ChangeSignInSettings {
  constructor(private readonly bus: Bus) {}

  handle({ caller, body }: Call<typeof changeSettings>): Promise<Reply<typeof changeSettings>> {
    return this.bus.request(setSignInSettings, { tenant: caller.tenant, ...body });
  }
}
