/** What only private and symmetric keys have (RFC 7518, sections 6.2.2, 6.3.2 and 6.4). */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

/** Whether a value is a JSON Web Key Set (RFC 7517, section 5) from which nothing can be signed. */
export function arePublicKeys(jwks: unknown): boolean {
  const keys = (jwks as { keys?: unknown } | null)?.keys;
  return (
    Array.isArray(keys) &&
    keys.every(
      (key: unknown) =>
        typeof key === 'object' && key !== null && !PRIVATE_MEMBERS.some((member) => member in key),
    )
  );
}
