import type { Caller } from '@gatehouse/caller';
import type { Snapshot, SnapshotServer } from '@gatehouse/contracts';
import type { Message } from '@gatehouse/mcp';
import { evaluate, type Decision } from '@gatehouse/policy';

/** Whether a message may go to a server. Streams and answers, which name no method, are open to whoever may use the server. */
export function decide(
  server: SnapshotServer | undefined,
  { subject, teams }: Caller,
  message: Message | null,
): Decision {
  const asks = message !== null && message.kind !== 'response' ? message : null;
  return evaluate(server, { subject, teams, method: asks?.method ?? 'ping', tool: asks?.name ?? null });
}

export function findServer(snapshot: Snapshot | undefined, name: string): SnapshotServer | undefined {
  return snapshot && Object.hasOwn(snapshot.servers, name) ? snapshot.servers[name] : undefined;
}
