import type { SnapshotServer } from '@gatehouse/contracts';
import { grantsOf, isWhole, type Caller } from './evaluate.js';

/** Whether this caller may be shown less than all of a server's tools: else `tools/list` can pass unread. */
export function restrictsTools(server: SnapshotServer, caller: Caller): boolean {
  const isSwitched = server.disabledTools.length > 0 || server.enabledTools !== null;
  return isSwitched || !grantsOf(server, caller).some(isWhole);
}

/**
 * The tools that `evaluate` would let this caller call, as a question to ask many times: cheap for a long list.
 * Not a second policy: a test holds it to `evaluate`.
 */
export function mayUseTool(server: SnapshotServer, caller: Caller): (tool: string) => boolean {
  const grants = grantsOf(server, caller);
  const granted = grants.some(isWhole) ? null : new Set(grants.flatMap(({ tools }) => tools));
  const enabled = server.enabledTools === null ? null : new Set(server.enabledTools);
  const disabled = new Set(server.disabledTools);
  return (tool) => !disabled.has(tool) && enabled?.has(tool) !== false && granted?.has(tool) !== false;
}
