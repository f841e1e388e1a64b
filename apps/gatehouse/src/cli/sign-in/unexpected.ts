/** Something on the way of a sign-in that is not as the specifications have it. The message says what came. */
export class Unexpected extends Error {
  override readonly name = 'Unexpected';
  readonly expected: string | undefined;
  /** What to do about it. */
  readonly cure: string | undefined;

  constructor(came: string, told: { expected?: string; cure?: string } = {}) {
    super(came);
    this.expected = told.expected;
    this.cure = told.cure;
  }
}
