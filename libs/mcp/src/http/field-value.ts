/**
 * Whether a value can be sent as one header field: bytes of Latin-1 without controls (RFC 9110, section 5.5, tabs left
 * out). A CR or LF would begin another header.
 */
export function isSafeFieldValue(value: string): boolean {
  return /^[\x20-\x7e\x80-\xff]*$/.test(value);
}
