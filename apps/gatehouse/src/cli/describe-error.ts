interface Told {
  message?: string;
  code?: string;
  error?: string;
  error_description?: string;
  cause?: unknown;
}

/** An error in one line: its message, what OAuth (RFC 6749, section 5.2) or the network said, and its causes. */
export function describeError(error: unknown): string {
  const parts: string[] = [];
  for (
    let next = error as Told | undefined;
    next && parts.length < 8;
    next = next.cause as Told | undefined
  ) {
    const { message, code, error: oauth, error_description: description } = next;
    if (typeof message === 'string' && message !== 'fetch failed') parts.push(message || (code ?? ''));
    if (typeof oauth === 'string') parts.push(description ? `${oauth} (${description})` : oauth);
    const attempts = (next as { errors?: Told[] }).errors;
    if (Array.isArray(attempts)) parts.push(...attempts.map(({ message: text }) => text ?? ''));
  }
  return [...new Set(parts.filter((part) => part !== ''))].join(': ') || String(error);
}
