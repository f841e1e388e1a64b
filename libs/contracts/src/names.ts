import { z } from 'zod';

/** A tenant's or a server's name: part of a URL, so lower-case letters, digits and hyphens, 1 to 63 of them. */
export const Name = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, {
  message: 'must be 1 to 63 lower-case letters, digits or hyphens, not starting or ending with a hyphen',
});

export const SubjectType = z.enum(['user', 'service-account']);

/** Who is calling, as tokens, decisions and records name them. */
export const Subject = z.object({
  type: SubjectType,
  id: z.string(),
  /** A person's e-mail address or a service account's name: what manifests refer to. Lower case. */
  name: z.string(),
});
export type Subject = z.output<typeof Subject>;

export const PublicJwk = z.looseObject({ kty: z.string() });
/** A secret sealed to its reader's key: a compact JWE (RFC 7516), ECDH-ES with A256GCM. */
export const Sealed = z.string().regex(/^[\w-]+\.[\w-]*\.[\w-]+\.[\w-]+\.[\w-]+$/);
