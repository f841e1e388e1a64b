import { STATUS_CODES } from 'node:http';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { Failure, type FailureCode, failures } from '@gatehouse/contracts';
import type { Logger } from '@gatehouse/runtime';
import type { Request, Response } from 'express';
import { Addresses } from '../addresses.js';
import { challenge } from '../caller/challenge.js';
import { InvalidRequest } from './invalid-request.js';

/** Seconds after which a call that met our own trouble may be tried again. */
const RETRY_AFTER = '5';

interface Refusal {
  status: number;
  code: FailureCode;
  detail: string;
  errors?: InvalidRequest['faults'];
  headers?: Record<string, string>;
}

/** Every error as RFC 9457 `application/problem+json` with a stable `code`. A bug reaches the log alone. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly addresses: Addresses,
    private readonly log: Logger,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const response = http.getResponse<Response>();
    if (response.headersSent) return void response.destroy();
    const { status, code, detail, errors, headers } = this.refusalOf(error, http.getRequest<Request>());
    response
      .status(status)
      .set({ ...headers })
      .type('application/problem+json')
      .send(
        JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status], status, detail, code, errors }),
      );
  }

  private refusalOf(error: unknown, request: Request): Refusal {
    if (error instanceof Failure) return this.failed(error, request);
    const status = (error as { status?: unknown } | null)?.status;
    if (typeof status === 'number' && status >= 400 && status < 500) return refused(status, error as Error);
    this.log.error({ err: error, method: request.method, path: request.path }, 'a handler failed');
    return { status: 500, code: 'internal', detail: failures.internal.text };
  }

  private failed(failure: Failure, request: Request): Refusal {
    const { http: status, text } = failure.row;
    // what says where our own trouble lies (a subject, a host) is for the log
    const detail = status >= 500 ? text : (failure.detail ?? text);
    const headers: Record<string, string> = {};
    if (status === 503) headers['retry-after'] = RETRY_AFTER;
    const authenticate = challenge(failure.code, this.addresses, request.headers.authorization !== undefined);
    if (authenticate) headers['www-authenticate'] = authenticate;
    if (status >= 500) this.log.warn({ err: failure, path: request.path }, 'a call failed');
    return {
      status,
      code: failure.code,
      detail,
      headers,
      ...(failure instanceof InvalidRequest && { errors: failure.faults }),
    };
  }
}

/** What is refused by its HTTP status alone, by us, Nest or Express. */
function refused(status: number, error: Error): Refusal {
  const detail = error instanceof HttpException ? error.message : failures['api.invalid_request'].text;
  // what is left of a body that is too large is not read: the connection has to go
  const headers: Record<string, string> = status === 413 ? { connection: 'close' } : {};
  return { status, code: 'api.invalid_request', detail, headers };
}
