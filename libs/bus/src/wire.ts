import { Failure, isFailureCode, type FailureCode } from '@gatehouse/contracts';
import type { z } from 'zod';

/*
 * What travels: a request or an event is the JSON of its body; a reply is `{"ok": body}` or
 * `{"failure": {"code", "detail"?}}`. Checked bodies travel, so what a contract does not name never leaves.
 * A contract's schema must therefore accept its own output.
 */

/** A reply as it arrives: nothing about it is certain. */
interface Envelope {
  ok?: unknown;
  failure?: { code?: unknown; detail?: unknown };
}

/** A failure of the bus itself: the place goes to the log by way of `cause`, never to the public reader. */
export function busFailure(code: FailureCode, place: string, cause?: unknown): Failure {
  return new Failure(code, undefined, { cause: new Error(place, { cause }) });
}

/** @throws Failure `bus.bad_message` */
export function encodeBody(schema: z.ZodType, body: unknown, subject: string): string {
  try {
    return JSON.stringify(schema.parse(body));
  } catch (error) {
    throw busFailure('bus.bad_message', `the message for ${subject} breaks its contract`, error);
  }
}

/** @throws Failure `bus.bad_message` */
export function decodeBody<Schema extends z.ZodType>(
  schema: Schema,
  message: string,
  subject: string,
): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(message));
  } catch (error) {
    throw busFailure('bus.bad_message', `a message on ${subject} breaks its contract`, error);
  }
}

export function encodeReply(schema: z.ZodType, reply: unknown): string {
  return JSON.stringify({ ok: schema.parse(reply) });
}

export function encodeFailure({ code, detail }: Pick<Failure, 'code' | 'detail'>): string {
  return JSON.stringify({ failure: { code, detail } });
}

/** @throws Failure the callee's, or `bus.bad_message` */
export function decodeReply<Schema extends z.ZodType>(
  schema: Schema,
  message: string,
  subject: string,
): z.output<Schema> {
  let envelope: Envelope;
  try {
    envelope = Object(JSON.parse(message)) as Envelope;
    if (!envelope.failure) return schema.parse(envelope.ok);
  } catch (error) {
    throw busFailure('bus.bad_message', `the reply on ${subject} breaks its contract`, error);
  }
  const { code, detail } = envelope.failure;
  throw new Failure(
    isFailureCode(code) ? code : 'internal',
    typeof detail === 'string' ? detail : undefined,
    { cause: new Error(`answered on ${subject}`) },
  );
}
