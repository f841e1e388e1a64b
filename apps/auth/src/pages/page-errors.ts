import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { Failure } from '@gatehouse/contracts';
import type { Response } from 'express';
import { errors } from 'oidc-provider';
import { Log } from '../log.js';
import { sendError } from './error-page.js';

/** Whatever a page throws becomes a page; a bug is logged and its text kept back. */
@Catch()
export class PageErrors implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const status = statusOf(error);
    if (status === 500) this.log.error({ err: error }, 'a page failed');
    sendError(host.switchToHttp().getResponse<Response>(), status, error);
  }
}

function statusOf(error: unknown): number {
  if (error instanceof Failure) return error.row.http;
  if (error instanceof errors.OIDCProviderError) return error.statusCode;
  if (error instanceof HttpException) return error.getStatus();
  return 500;
}
