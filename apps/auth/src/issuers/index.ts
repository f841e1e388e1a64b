import { MachineGrants } from './grants/machine-grants.js';
import { ClientCredentials } from './grants/client-credentials.js';
import { IdentityAssertions } from './grants/identity-assertions.js';
import { AccessTokenIssue } from './grants/access-token-issue.js';
import { TokenExchange } from './grants/token-exchange.js';
import { IssuedTokens } from './issued-tokens.js';
import { IssuerKeys } from './issuer-keys.js';
import { Issuers } from './issuers.store.js';
import { JwtVerifier } from './jwt-verifier.js';
import { Refusals } from './refusals.js';
import { CreateIssuer } from './registration/create-issuer.handler.js';
import { DeleteIssuer } from './registration/delete-issuer.handler.js';
import { ListIssuers } from './registration/list-issuers.handler.js';
import { ReplaceIssuer } from './registration/replace-issuer.handler.js';
import { ShowIssuer } from './registration/show-issuer.handler.js';
import { UsedAssertions } from './used-assertions.store.js';
import { VerifyToken } from './verify-token.handler.js';

/** Registered issuers and what their JWTs are good for, as the module of this service lists them. */
export const issuers = {
  handlers: [VerifyToken, CreateIssuer, ReplaceIssuer, DeleteIssuer, ShowIssuer, ListIssuers],
  services: [
    Issuers,
    IssuerKeys,
    JwtVerifier,
    Refusals,
    IssuedTokens,
    UsedAssertions,
    AccessTokenIssue,
    TokenExchange,
    IdentityAssertions,
    ClientCredentials,
    MachineGrants,
  ],
};
