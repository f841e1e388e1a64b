import {
  allContracts,
  ownerOf,
  SERVICE_NAMES,
  type Contract,
  type EventContract,
  type RequestContract,
  type ServiceName,
} from '@gatehouse/contracts';
import { namedShapesIn, shapeOf } from './shapes.js';
import { code } from './table.js';

/** docs/subjects.md: every message between services. */
export function subjectsPage(contracts: readonly Contract[] = allContracts): string {
  const owners = SERVICE_NAMES.filter((name) => contracts.some((contract) => ownerOf(contract) === name));
  const sections = owners.map((owner) =>
    section(owner, contracts.filter((one) => ownerOf(one) === owner).sort(bySubject)),
  );
  const body = sections.join('\n\n');
  const named = namedShapesIn(body).map(([name, shape]) => `- ${code(name)}: ${code(shape)}`);
  return `# Subjects

Every message between services, from [libs/contracts](../libs/contracts/src). Who may ask is also what the broker
allows: [nats.conf](../deploy/nats/nats.conf) is generated from the same list. Bus and database failures
(\`bus.*\`, \`database.unavailable\`) may end any request; see [failures.md](failures.md). \`?\`: may be left out.
\`Sealed\`: encrypted to its reader, so that the bus never carries a secret in clear.

${body}

## Shapes

${named.join('\n')}
`;
}

function section(owner: ServiceName, contracts: readonly Contract[]): string {
  return [
    `## ${owner}`,
    ...contracts.map((one) => (one.kind === 'request' ? request(one) : event(one))),
  ].join('\n\n');
}

function request(contract: RequestContract): string {
  return `### ${code(contract.subject)}

- request: ${code(shapeOf(contract.request))}
- reply: ${code(shapeOf(contract.reply))}
- callers: ${contract.callers.join(', ')}; deadline ${contract.deadlineMs / 1_000} s
- failures: ${contract.failures.map(code).join(', ') || 'none of its own'}`;
}

function event(contract: EventContract): string {
  return `### ${code(contract.subject)}

- event: ${code(shapeOf(contract.payload))}
- subscribers: ${contract.subscribers.join(', ')}`;
}

function bySubject(a: Contract, b: Contract): number {
  return a.subject < b.subject ? -1 : 1;
}
