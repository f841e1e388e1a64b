import type { Contract } from './contract.js';
import * as accessManifests from './access-manifests.contracts.js';
import * as audit from './audit.contracts.js';
import * as auth from './auth.contracts.js';
import * as clients from './clients.contracts.js';
import * as identityProviders from './identity-providers.contracts.js';
import * as issuers from './issuers.contracts.js';
import * as people from './people/people.contracts.js';
import * as machines from './machines.contracts.js';
import * as policy from './policy.contracts.js';
import * as signIns from './people/sign-ins.contracts.js';
import * as teams from './people/teams.contracts.js';
import * as vault from './vault.contracts.js';

function isContract(value: unknown): value is Contract {
  return typeof value === 'object' && value !== null && 'subject' in value && 'kind' in value;
}

/** Every contract there is: what the broker's permissions and docs/subjects.md are generated from. */
export const allContracts: readonly Contract[] = [
  accessManifests,
  auth,
  clients,
  identityProviders,
  issuers,
  machines,
  people,
  teams,
  signIns,
  vault,
  policy,
  audit,
]
  .flatMap((module): unknown[] => Object.values(module))
  .filter(isContract);
