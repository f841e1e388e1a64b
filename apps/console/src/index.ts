import type { RequestListener } from 'node:http';
import { MethodNotAllowedException } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { TransportKey } from '@gatehouse/bus';
import { Failure } from '@gatehouse/contracts';
import { nestLogger, publicOrigin, type ServiceDefinition } from '@gatehouse/runtime';
import type { NextFunction, RequestHandler, Request, Response } from 'express';
import { z } from 'zod';
import { Addresses } from './addresses.js';
import { Admission } from './api/admission.guard.js';
import { ProblemFilter } from './api/problem.filter.js';
import { Routes } from './api/route.js';
import { ConsoleModule } from './console.module.js';

const Config = z.object({
  GATEHOUSE_PUBLIC_URL: publicOrigin(),
});

/** The admin API in front of the bus. */
export const consoleService: ServiceDefinition<typeof Config> = {
  name: 'console',
  config: Config,

  async start({ config, bus, log }) {
    const addresses = new Addresses(config.GATEHOUSE_PUBLIC_URL);
    const module = ConsoleModule.with(bus, await TransportKey.create(), addresses);
    const app = await NestFactory.create<NestExpressApplication>(module, {
      bodyParser: false,
      logger: nestLogger(log),
    });
    app.disable('x-powered-by').disable('etag');
    app.use(forbidCaching, onlyRoutesOf(app.get(Routes)));
    app.useGlobalGuards(app.get(Admission));
    app.useGlobalFilters(new ProblemFilter(addresses, log));
    await app.init();
    await bus.flush();
    return {
      listener: app.getHttpAdapter().getInstance() as RequestListener,
      notReady: () => (bus.connected ? null : 'the message bus cannot be reached'),
      close: () => app.close(),
    };
  },
};

function forbidCaching(_: Request, response: Response, next: NextFunction): void {
  response.set({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  next();
}

/** One spelling for each address: Express by itself also takes another case and a trailing slash. */
function onlyRoutesOf(routes: Routes): RequestHandler {
  return ({ path, method }, response, next) => {
    const methods = routes.methodsAt(path);
    if (methods.length === 0) throw new Failure('api.not_found');
    if (methods.some((allowed) => allowed === method || (allowed === 'GET' && method === 'HEAD')))
      return next();
    response.set('allow', methods.join(', '));
    throw new MethodNotAllowedException(`Use ${methods.join(' or ')} here.`);
  };
}
