import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { Failure, type FailureCode } from '@gatehouse/contracts';
import type { Response } from 'express';
import { SCIMError } from 'scimmy/types';
import { Log } from '../log.js';
import { RETRY_AFTER_SECONDS } from '../oidc/outage.js';

interface ScimFault {
  readonly status: number;
  readonly scimType?: string | undefined;
  readonly detail: string;
}

/** The keyword (RFC 7644, table 9) for those of our failures that have one. */
const KEYWORDS: Partial<Record<FailureCode, string>> = {
  'auth.person_exists': 'uniqueness',
  'auth.team_exists': 'uniqueness',
  'auth.last_admin': 'mutability',
  'api.invalid_request': 'invalidValue',
};

/** Whatever is thrown becomes an error as RFC 7644, section 3.12, has it; a bug is logged and its text kept back. */
@Catch()
export class ScimErrors implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const { status, scimType, detail } = this.faultOf(error);
    if (status === 503 || status === 429) response.setHeader('retry-after', RETRY_AFTER_SECONDS);
    if (status === 401) response.setHeader('www-authenticate', 'Bearer');
    const schemas = ['urn:ietf:params:scim:api:messages:2.0:Error'];
    sendScim(response, status, { schemas, status: String(status), scimType, detail });
  }

  private faultOf(error: unknown): ScimFault {
    if (error instanceof SCIMError)
      return { status: Number(error.status), scimType: error.scimType || undefined, detail: error.message };
    if (error instanceof Failure)
      return { status: error.row.http, scimType: KEYWORDS[error.code], detail: error.message };
    if (error instanceof HttpException) return { status: error.getStatus(), detail: error.message };
    this.log.error({ err: error }, 'SCIM failed');
    const { row } = new Failure('internal');
    return { status: row.http, detail: row.text };
  }
}

export function sendScim(response: Response, status: number, body: unknown): void {
  response.status(status).setHeader('cache-control', 'no-store');
  response.type('application/scim+json').send(JSON.stringify(body));
}
