import type { SnapshotServer } from '@gatehouse/contracts';
import { encodeSse, filterToolList, SseFrames, type SseEvent } from '@gatehouse/mcp';
import { mayUseTool } from '@gatehouse/policy';
import type { Caller } from '@gatehouse/caller';

/** An answer to `tools/list` without the tools that the caller may not use, whether it came as JSON or as a stream. */
export function withoutHiddenTools(
  server: SnapshotServer,
  caller: Caller,
  { body, contentType }: { body: Buffer; contentType: string },
): Buffer {
  const filter = (text: string) => filterToolList(text, mayUseTool(server, caller)).text;
  if (!contentType.startsWith('text/event-stream')) return Buffer.from(filter(body.toString()));
  const frames = new SseFrames();
  const events = [...frames.push(body), ...frames.end()];
  return Buffer.concat(events.map((event) => rewritten(event, filter)));
}

function rewritten(event: SseEvent, filter: (text: string) => string): Buffer {
  const { data, id, event: type, retry, raw } = event;
  if (data === null || data === '') return raw;
  const filtered = filter(data);
  if (filtered === data) return raw;
  return Buffer.from(
    encodeSse({
      data: filtered,
      ...(type !== null && { event: type }),
      ...(id !== null && { id }),
      ...(retry !== null && { retry }),
    }),
  );
}
