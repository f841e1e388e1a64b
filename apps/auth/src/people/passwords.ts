import { hash, verify } from '@node-rs/argon2';

export const MIN_PASSWORD_LENGTH = 12;
/** Longer ones are refused unread, so that nobody makes us hash megabytes. */
const MAX_PASSWORD_LENGTH = 1_000;

/** Of no password: checked where there is none, so that the answer takes the same time. */
const NOBODYS_HASH = await hash('nobody has this password');

/** Argon2id with the library's defaults (19 MiB, 2 passes: OWASP's first choice), in PHC text form. */
export function hashPassword(password: string): Promise<string> {
  return hash(password);
}

/** Checks a password in constant work, whether or not there is one to check against. */
export async function passwordFits(password: string, stored: string | null): Promise<boolean> {
  if (password.length > MAX_PASSWORD_LENGTH) return false;
  return (await verify(stored ?? NOBODYS_HASH, password)) && stored !== null;
}
