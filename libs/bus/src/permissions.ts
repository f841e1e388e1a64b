import { allContracts, ownerOf, SERVICE_NAMES, type Contract, type ServiceName } from '@gatehouse/contracts';

/** What every reply address begins with. */
export const INBOX = '_INBOX_';

/** The prefix of a service's reply addresses: its own, so that no service hears the replies to another. */
export function inboxOf(service: ServiceName): string {
  return `${INBOX}${service}`;
}

/** Subjects on which a service may publish and subscribe. Everything else is refused by the broker. */
export interface Permissions {
  publish: string[];
  subscribe: string[];
  /** Whether it answers requests: it may then publish one reply to each that it heard. */
  responds: boolean;
}

/** Derives a service's permissions from the contracts: callers publish, owners subscribe; events the other way round. */
export function permissionsOf(service: ServiceName, contracts: readonly Contract[]): Permissions {
  const owns = (contract: Contract) => ownerOf(contract) === service;
  const publishes = (contract: Contract) =>
    contract.kind === 'request' ? contract.callers.includes(service) : owns(contract);
  const subscribes = (contract: Contract) =>
    contract.kind === 'request' ? owns(contract) : contract.subscribers.includes(service);
  const subjects = (test: (contract: Contract) => boolean) =>
    contracts
      .filter(test)
      .map((contract) => contract.subject)
      .sort();
  return {
    publish: subjects(publishes),
    subscribe: [...subjects(subscribes), `${inboxOf(service)}.>`],
    responds: contracts.some((contract) => contract.kind === 'request' && owns(contract)),
  };
}

/** The environment variable with a service's password. */
export function passwordVariable(service: ServiceName): string {
  return `NATS_${service.toUpperCase()}_PASSWORD`;
}

/** A whole nats-server configuration (2.9 or newer): one user per service, passwords from the environment. */
export function natsConfig(contracts: readonly Contract[] = allContracts): string {
  const users = SERVICE_NAMES.map((service) => userBlock(service, permissionsOf(service, contracts)));
  return `# Generated from libs/contracts by libs/bus/src/generate-nats-config.ts: do not edit.
#
# Passwords come from the environment:
#   ${SERVICE_NAMES.map(passwordVariable).join(' ')}
# nats-server reads their values as configuration text: "1234" is a number to it (and refused), spaces, ; and #
# end a value, and an empty one IS a password that everybody knows. So take letters and digits and begin with a
# letter: p$(openssl rand -hex 24). Any other value needs double quotes that are part of it:
# NATS_EDGE_PASSWORD='"1234"'.

port: 4222
max_payload: 1048576

authorization {
  users = [
${users.join('\n')}
  ]
}
`;
}

function userBlock(service: ServiceName, { publish, subscribe, responds }: Permissions): string {
  return `    {
      user: ${service}
      password: $${passwordVariable(service)}
      permissions: {
        publish: ${publish.length > 0 ? list(publish) : '{ deny: ">" } # an empty list would allow everything'}
        subscribe: ${list(subscribe)}${responds ? '\n        allow_responses: true # one to each request heard' : ''}
      }
    }`;
}

function list(subjects: string[]): string {
  return `[\n${subjects.map((subject) => `          "${subject}"`).join('\n')}\n        ]`;
}
