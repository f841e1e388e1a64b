import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';

const VERSION = '2025-06-18';
const CALL_LIMIT_MS = 20_000;

export interface Refused {
  readonly at: number;
  readonly status: number;
  readonly text: string;
}

/** Calls `echo` at a steady rate, each time with another text, whether or not the calls before were answered. */
export class Load {
  /** Texts that came back in an answer with 200. */
  readonly answered = new Set<string>();
  readonly refused: Refused[] = [];
  /** Sessions begun: one, unless the demo server forgot it. */
  sessions = 0;
  private session: Promise<string> | null = null;
  private readonly running = new Set<Promise<void>>();
  private readonly timer: NodeJS.Timeout;
  private readonly events = new EventEmitter();

  constructor(
    private readonly url: string,
    private readonly token: string,
    perSecond: number,
  ) {
    this.timer = setInterval(() => this.callOnce(), 1_000 / perSecond);
  }

  /** Resolves when so many more calls have been answered. */
  async answers(count: number, limitMs: number): Promise<void> {
    const goal = this.answered.size + count;
    const signal = AbortSignal.timeout(limitMs);
    while (this.answered.size < goal)
      await once(this.events, 'end', { signal }).catch(() => {
        throw new Error(`no ${count} answers in ${limitMs} ms: ${JSON.stringify(this.refused.slice(-3))}`);
      });
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.running);
  }

  private callOnce(): void {
    const text = randomUUID();
    const call = this.call(text)
      .catch(() => undefined) // a connection that broke: the call may or may not have run
      .finally(() => this.running.delete(call));
    this.running.add(call);
  }

  private async call(text: string): Promise<void> {
    const begun = (this.session ??= this.begin());
    const session = await begun;
    const params = { name: 'echo', arguments: { message: text } };
    const response = await post(this.url, this.token, { id: text, method: 'tools/call', params }, session);
    if (isForgotten(response)) this.forget(begun);
    else if (response.status === 200 && response.text.includes(`Echo: ${text}`)) this.answered.add(text);
    else this.refused.push({ at: Date.now(), status: response.status, text: response.text });
    this.events.emit('end');
  }

  /** Late answers about an old session say nothing about the one that has been begun since. */
  private forget(session: Promise<string>): void {
    if (this.session === session) this.session = null;
  }

  private begin(): Promise<string> {
    const begun = beginSession(this.url, this.token);
    begun.then(
      () => this.sessions++,
      (error: unknown) => {
        this.session = null;
        if (error instanceof SessionRefused) this.refused.push({ at: Date.now(), ...error.answer });
      },
    );
    return begun;
  }
}

/** MCP says 404 for a session that has ended; the demo server says it in its own way. */
function isForgotten({ status, text }: { status: number; text: string }): boolean {
  return status === 404 || (status === 400 && text.includes('No valid session ID'));
}

class SessionRefused extends Error {
  constructor(readonly answer: { status: number; text: string }) {
    super(`initialize was answered ${answer.status}: ${answer.text}`);
  }
}

/** `initialize` and `notifications/initialized`. @returns the session's id */
export async function beginSession(url: string, token: string): Promise<string> {
  const params = {
    protocolVersion: VERSION,
    capabilities: {},
    clientInfo: { name: 'e2e-load', version: '1.0.0' },
  };
  const answer = await post(url, token, { id: 0, method: 'initialize', params });
  if (answer.status !== 200 || answer.session === null) throw new SessionRefused(answer);
  await post(url, token, { method: 'notifications/initialized' }, answer.session);
  return answer.session;
}

/** One message and its whole answer. */
export async function post(
  url: string,
  token: string,
  message: Readonly<Record<string, unknown>>,
  session?: string,
): Promise<{ status: number; text: string; session: string | null }> {
  const response = await send(url, token, message, session);
  return {
    status: response.status,
    text: await response.text(),
    session: response.headers.get('mcp-session-id'),
  };
}

export const SLOW_TOOL = 'trigger-long-running-operation';

/** A call of 2 s, of which the first sign has come. @returns how to read the rest */
export async function slowCall(gate: { mcp: string }, token: string): Promise<{ rest(): Promise<string> }> {
  const session = await beginSession(gate.mcp, token);
  const params = {
    name: SLOW_TOOL,
    arguments: { duration: 2, steps: 4 },
    _meta: { progressToken: 1 },
  };
  const response = await send(gate.mcp, token, { id: 1, method: 'tools/call', params }, session);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  await reader?.read();
  return {
    async rest() {
      let text = '';
      for (let part = await reader?.read(); part && !part.done; part = await reader?.read())
        text += part.value;
      return text;
    },
  };
}

function send(
  url: string,
  token: string,
  message: Readonly<Record<string, unknown>>,
  session?: string,
): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': VERSION,
      ...(session !== undefined && { 'mcp-session-id': session }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', ...message }),
    signal: AbortSignal.timeout(CALL_LIMIT_MS),
  });
}
