import { createServer, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { ECHO } from './real-client.js';

/** What a model wants next: to call a tool, or to say that it is done. */
interface Turn {
  readonly tool?: string;
}

const DONE = 'done';

/**
 * A stand-in for a vendor's model, in the words of three of them (Anthropic Messages, OpenAI Chat Completions, Gemini):
 * calls the tool `echo` if it is offered one, and is done once it has seen the result.
 */
export async function startFakeModel(): Promise<Server> {
  const server = createServer((request, response) => {
    void text(request).then((body) => answer(request.url ?? '', body, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function answer(url: string, body: string, response: ServerResponse): void {
  const turn = nextTurn(body);
  if (url.includes('/messages')) return send(response, body, anthropic(turn));
  if (url.includes('/chat/completions')) return send(response, body, openai(turn));
  if (url.includes('enerateContent'))
    return send(response, `{"stream":${url.includes('stream')}}`, gemini(turn));
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":[],"totalTokens":1}');
}

function nextTurn(body: string): Turn {
  const answered = /"tool_result"|"role" *: *"tool"|"functionResponse"/.test(body);
  const [, tool] = /"name" *: *"([\w-]*echo)"/.exec(body) ?? [];
  return answered || tool === undefined ? {} : { tool };
}

/** @param events of a stream; the last one alone answers who wants no stream */
function send(response: ServerResponse, body: string, events: Events): void {
  if (!/"stream" *: *true/.test(body)) {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(events.whole));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of events.stream) {
    if ('type' in event) response.write(`event: ${String(event.type)}\n`);
    response.write(`data: ${JSON.stringify(event)}\n\n`);
  }
  response.end(events.end);
}

interface Events {
  readonly whole: object;
  readonly stream: readonly object[];
  readonly end?: string;
}

function anthropic({ tool }: Turn): Events {
  const block = tool
    ? { type: 'tool_use', id: 'toolu_1', name: tool, input: ECHO.arguments }
    : { type: 'text', text: DONE };
  const usage = { input_tokens: 1, output_tokens: 1 };
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'fake',
    usage,
    stop_sequence: null,
  };
  const stop_reason = tool ? 'tool_use' : 'end_turn';
  return {
    whole: { ...message, content: [block], stop_reason },
    stream: [
      { type: 'message_start', message: { ...message, content: [], stop_reason: null } },
      {
        type: 'content_block_start',
        index: 0,
        content_block: tool ? { ...block, input: {} } : { ...block, text: '' },
      },
      {
        type: 'content_block_delta',
        index: 0,
        delta: tool
          ? { type: 'input_json_delta', partial_json: JSON.stringify(ECHO.arguments) }
          : { type: 'text_delta', text: DONE },
      },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage },
      { type: 'message_stop' },
    ],
  };
}

function openai({ tool }: Turn): Events {
  const call = {
    id: 'call_1',
    type: 'function',
    function: { name: tool, arguments: JSON.stringify(ECHO.arguments) },
  };
  const message = {
    role: 'assistant',
    content: tool ? null : DONE,
    ...(tool && { tool_calls: [{ index: 0, ...call }] }),
  };
  const about = { id: 'chat_1', created: 1, model: 'fake' };
  const finish_reason = tool ? 'tool_calls' : 'stop';
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
  const chunk = { ...about, object: 'chat.completion.chunk' };
  return {
    whole: { ...about, object: 'chat.completion', choices: [{ index: 0, message, finish_reason }], usage },
    stream: [
      { ...chunk, choices: [{ index: 0, delta: message, finish_reason: null }] },
      { ...chunk, choices: [{ index: 0, delta: {}, finish_reason }], usage },
    ],
    end: 'data: [DONE]\n\n',
  };
}

function gemini({ tool }: Turn): Events {
  const part = tool ? { functionCall: { name: tool, args: ECHO.arguments } } : { text: DONE };
  const whole = {
    candidates: [{ content: { role: 'model', parts: [part] }, finishReason: 'STOP', index: 0 }],
    usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
  };
  return { whole, stream: [whole] };
}
