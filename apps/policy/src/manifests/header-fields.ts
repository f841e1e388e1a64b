import { z } from 'zod';
import { resolveSecret } from './resolve-secret.js';

/** RFC 9110, section 5.1. */
const FIELD_NAME = /^[\w!#$%&'*+.^`|~-]{1,100}$/;
/** RFC 9110, section 5.5, without what is obsolete: visible ASCII, with spaces and tabs inside. */
const FIELD_VALUE = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/;

/** Headers that belong to the connection, the message, the protocol or the gate: never a registration's to set. */
const NEVER =
  /^(?:accept|connection|content-.*|expect|forwarded|host|keep-alive|last-event-id|mcp-.*|proxy-.*|te|trailer|transfer-encoding|upgrade|via|x-forwarded-.*|x-tfy-.*)$/i;
/** Headers that carry credentials, and so belong into the vault. */
const CREDENTIAL = /^(?:authorization|cookie)$/i;

const FieldValue = z
  .string()
  .max(8_192)
  .regex(FIELD_VALUE, { error: 'must be visible ASCII characters, with spaces only between them' });

/** Headers with secrets in them; values come out resolved. */
export const CredentialHeaders = z
  .record(z.string(), z.string().transform(resolveSecret).pipe(FieldValue))
  .superRefine((headers, context) => {
    if (Object.keys(headers).length === 0) context.addIssue({ code: 'custom', message: 'has no header' });
    refuseNames(headers, context, (name) => (NEVER.test(name) ? 'may not be set' : null));
  });

/** Headers that anybody may read who can read the catalogue. */
export const PlainHeaders = z
  .record(
    z.string(),
    FieldValue.refine((value) => !/\$\{|^secret:\/\//.test(value), {
      error: 'is no secret, and is kept in clear: a secret belongs into auth_data.headers',
    }),
  )
  .superRefine((headers, context) => {
    refuseNames(headers, context, (name) => {
      if (CREDENTIAL.test(name)) return 'carries a credential: it belongs into auth_data.headers';
      return NEVER.test(name) ? 'may not be set' : null;
    });
  });

type Context = Pick<z.core.$RefinementCtx, 'addIssue'>;

function refuseNames(headers: object, context: Context, faultOf: (name: string) => string | null): void {
  const names = Object.keys(headers);
  if (names.length > 32) context.addIssue({ code: 'custom', message: 'has more than 32 headers' });
  const seen = new Set<string>();
  for (const name of names) {
    const isRepeated = seen.has(name.toLowerCase());
    const fault = isRepeated ? 'is repeated' : FIELD_NAME.test(name) ? faultOf(name) : 'is no header name';
    if (fault !== null) context.addIssue({ code: 'custom', path: [name], message: fault });
    seen.add(name.toLowerCase());
  }
}
