const BEARER = /^bearer +([\w.~+/-]+=*) *$/i;

/** The token in the value of an Authorization header (RFC 6750 section 2.1); null if there is none that can be read. */
export function bearerToken(authorization: string | undefined): string | null {
  return BEARER.exec(authorization ?? '')?.[1] ?? null;
}
