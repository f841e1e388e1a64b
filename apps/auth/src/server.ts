import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { BusServer } from '@gatehouse/bus';
import { nestLogger, type Logger } from '@gatehouse/runtime';
import type { NextFunction, Request, Response } from 'express';
import { Provider } from 'oidc-provider';
import { AuthModule, type AuthParts } from './auth.module.js';
import { pinPublicOrigin } from './oidc/public-origin.js';
import { Attempts } from './people/attempts.js';

/** Paths of our own pages. All others are the engine's. */
const PAGES = /^\/(?:interaction|setup)(?:\/|$)/;
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
  app.use('/register', limitRegistrations(app.get(Attempts)));
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

function limitRegistrations(attempts: Attempts) {
  return async (request: Request, response: Response, next: NextFunction): Promise<void> => {
    const wait = request.method === 'POST' ? await attempts.register(request.ip ?? '') : 0;
    if (wait === 0) return next();
    response.setHeader('retry-after', wait);
    response.status(429).json({
      error: 'temporarily_unavailable',
      error_description: `too many registrations from this address: try again in ${wait} s`,
    });
  };
}
