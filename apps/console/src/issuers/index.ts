import { CreateIssuer } from './create-issuer.endpoint.js';
import { DeleteIssuer } from './delete-issuer.endpoint.js';
import { ListIssuers } from './list-issuers.endpoint.js';
import { ReplaceIssuer } from './replace-issuer.endpoint.js';
import { ShowIssuer } from './show-issuer.endpoint.js';

export const ISSUERS = [CreateIssuer, ListIssuers, ShowIssuer, ReplaceIssuer, DeleteIssuer];
