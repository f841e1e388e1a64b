import { inspect } from 'node:util';
import { z } from 'zod';

/** A value that must not be printed: logs, JSON and string templates show `[secret]`. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself. Call it where the value is used, and keep the result nowhere. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}

/** A configuration value of type {@link Secret}. */
export const secret = () =>
  z
    .union([z.string().min(1), z.instanceof(Secret)])
    .transform((value) => (typeof value === 'string' ? new Secret(value) : value));
