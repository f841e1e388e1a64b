/** Told of whatever nobody expected: a handler's bug, a message that breaks its contract, a refusal by the broker. */
export type OnBug = (error: unknown, subject: string) => void;

/** Where bugs go when nobody says otherwise: standard error. */
export const printBug: OnBug = (error, subject) => {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`bus: ${subject}: ${text}\n`);
};
