/** When a key serves, see `AuthKeys`. Milliseconds since the epoch. */
export interface Term {
  readonly activeFrom: number;
  readonly keepUntil: number | null;
}

/** The keys, newest first, once `next` is the newest: what it replaces is kept for `keepMs` after it has taken over. */
export function succeeded<Key extends Term>(
  keys: readonly Key[],
  next: Key,
  { keepMs, now }: { keepMs: number; now: number },
): Key[] {
  const [newest, ...older] = keys;
  const replaced = newest && { ...newest, keepUntil: next.activeFrom + keepMs };
  return [next, ...(replaced ? [replaced] : []), ...older].filter(
    ({ keepUntil }) => keepUntil === null || keepUntil > now,
  );
}
