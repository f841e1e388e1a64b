import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { BusServer } from '@gatehouse/bus';
import { nestLogger, type Logger } from '@gatehouse/runtime';
import type { NextFunction, Request, Response } from 'express';
import { errors, Provider } from 'oidc-provider';
import { AuthModule, type AuthParts } from './auth.module.js';
import { answerDiscoveryEverywhere } from './oidc/requests/discovery-addresses.js';
import { RETRY_AFTER_SECONDS } from './oidc/outage.js';
import { pinPublicOrigin } from './oidc/public-origin.js';
import { RegistrationLimit } from './clients/registration-limit.js';

/** Paths of our own pages, and of SCIM. All others are the engine's. */
const PAGES = /^\/(?:interaction|password|scim|setup|sso)(?:\/|$)/;
const MAX_FORM_BYTES = '16kb';

/** Nest with the engine mounted in front of our pages, and the handlers on the bus. */
export async function createServer(parts: AuthParts & { log: Logger }): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(AuthModule.with(parts), {
    bodyParser: false,
    abortOnError: false,
    logger: nestLogger(parts.log),
  });
  const { config, bus } = parts;
  app.disable('x-powered-by');
  app.set('trust proxy', config.GATEHOUSE_TRUSTED_PROXIES);
  app.use(pinPublicOrigin(config.GATEHOUSE_PUBLIC_URL));
  app.use(answerDiscoveryEverywhere(config.GATEHOUSE_PUBLIC_URL));
  app.use('/register', limitRegistrations(app.get(RegistrationLimit)));
  app.use(mount(app.get(Provider)));
  app.useBodyParser('urlencoded', { extended: false, limit: MAX_FORM_BYTES });
  app.connectMicroservice({ strategy: new BusServer(bus) });
  await app.init();
  await app.startAllMicroservices();
  return app;
}

function mount(provider: Provider) {
  const engine = provider.callback();
  return (request: Request, response: Response, next: NextFunction): void => {
    if (PAGES.test(request.path)) next();
    else void engine(request, response);
  };
}

function limitRegistrations(limit: RegistrationLimit) {
  return async (request: Request, response: Response, next: NextFunction): Promise<void> => {
    if (request.method !== 'POST') return next();
    try {
      const wait = await limit.count(request.ip ?? '');
      if (wait === 0) return next();
      response.status(429);
      refuseRegistration(response, wait, `too many registrations from this address: try again in ${wait} s`);
    } catch (error) {
      if (!(error instanceof errors.OIDCProviderError)) throw error;
      response.status(error.statusCode);
      refuseRegistration(response, RETRY_AFTER_SECONDS, error.error_description);
    }
  };
}

function refuseRegistration(response: Response, retryAfter: number, why?: string): void {
  response.setHeader('retry-after', retryAfter);
  response.json({ error: 'temporarily_unavailable', error_description: why });
}
