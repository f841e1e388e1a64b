import { Failure } from '@gatehouse/contracts';
import type { z } from 'zod';

/** One thing that is wrong with a request, and where: `query.limit`, `body.name`, `document 2, line 3, column 1`. */
export interface Fault {
  place: string;
  message: string;
}

/** Refuses a request with all its faults at once. */
export class InvalidRequest extends Failure {
  constructor(readonly faults: readonly Fault[]) {
    super('api.invalid_request', faults.map(({ place, message }) => `${place}: ${message}`).join('; '));
  }
}

/** @throws InvalidRequest naming each place that the schema refuses */
export function check<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  place: string,
): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InvalidRequest(
    parsed.error.issues.map((issue) => ({ place: [place, ...issue.path].join('.'), message: issue.message })),
  );
}
