interface Limits {
  deadlineMs: number;
  /** Makes the error for work that is late. */
  late: () => Error;
  signal?: AbortSignal | undefined;
}

/** Waits for work no longer than it may take, nor after `signal` aborts (rejects with its reason). */
export async function within<T>(work: Promise<T>, { deadlineMs, late, signal }: Limits): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let abort = () => {};
  const cut = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), deadlineMs);
    abort = () => reject(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([work, cut]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}
