import { Injectable } from '@nestjs/common';
import { Failure } from '@gatehouse/contracts';
import { errors } from 'oidc-provider';
import { tellOutage } from '../../oidc/outage.js';
import type { Resource } from '../../oidc/requests/resource.js';
import { IssuedTokens, type Vouched } from '../issued-tokens.js';
import { AccessTokenIssue, type GrantContext, type ResourceServerOf } from './access-token-issue.js';
import { readResource, tenantOf } from './requested-resource.js';

const TYPE = 'urn:ietf:params:oauth:token-type:';
/** Kinds of subject token (RFC 8693, section 3); each must be a JWT here. */
const SUBJECT_TYPES = new Set(['jwt', 'id_token', 'access_token'].map((kind) => TYPE + kind));
const ACCESS_TOKEN = `${TYPE}access_token`;

/** Token exchange (RFC 8693): a JWT of a registered issuer for an access token of ours, ten minutes long. */
@Injectable()
export class TokenExchange {
  static readonly grantType = 'urn:ietf:params:oauth:grant-type:token-exchange';
  static readonly parameters = [
    ...['subject_token', 'subject_token_type', 'actor_token', 'requested_token_type'],
    ...['resource', 'audience', 'scope'],
  ];

  constructor(
    private readonly tokens: IssuedTokens,
    private readonly accessTokens: AccessTokenIssue,
  ) {}

  async answer(ctx: GrantContext, resourceServerOf: ResourceServerOf): Promise<object> {
    const subjectToken = readSubjectToken(ctx);
    const { indicator, resource } = readResource(ctx);
    const tenant = tenantOf(ctx, resource);
    const vouched = await this.verify(subjectToken, tenant);
    refusePeople(vouched, resource);
    const issued = await this.accessTokens.issue(ctx, vouched, {
      resource,
      server: resourceServerOf(ctx, indicator),
    });
    return { ...issued, issued_token_type: ACCESS_TOKEN };
  }

  /** RFC 8693, section 2.2.2: a subject token that is not good for any reason is an invalid request. */
  private async verify(subjectToken: string, tenant: string): Promise<Vouched> {
    try {
      return await tellOutage(() => this.tokens.verify(subjectToken, { tenant, use: 'exchange' }));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      throw new errors.InvalidRequest(`subject_token: ${error.message}`, 400);
    }
  }
}

function readSubjectToken({ oidc: { params } }: GrantContext): string {
  if (!params['subject_token']) throw new errors.InvalidRequest('subject_token is missing', 400);
  if (!SUBJECT_TYPES.has(params['subject_token_type'] ?? ''))
    throw new errors.InvalidRequest(`subject_token_type must be one of ${[...SUBJECT_TYPES].join(' ')}`, 400);
  if (params['actor_token'] !== undefined)
    throw new errors.InvalidRequest('actor_token is not supported', 400);
  if ((params['requested_token_type'] ?? ACCESS_TOKEN) !== ACCESS_TOKEN)
    throw new errors.InvalidRequest(`requested_token_type must be ${ACCESS_TOKEN}`, 400);
  return params['subject_token'];
}

/** People administer after signing in here. */
function refusePeople({ holder }: Vouched, resource: Resource): void {
  if (resource.kind === 'api' && 'email' in holder)
    throw new errors.InvalidTarget(
      'the admin API is open to service accounts by token exchange, not to people',
    );
}
