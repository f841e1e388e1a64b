/** Why a sign-in by an identity provider ends on a page: HTTP status, heading, and what to do. `%` is the provider. */
const REFUSALS = {
  expired: [
    400,
    'This sign-in has expired',
    'It took longer than ten minutes, was finished already, or was begun in another browser. Start again.',
  ],
  unavailable: [
    503,
    '% cannot be reached',
    'Your account is not the trouble. Wait a little, then try again; if this stays, tell your administrator.',
  ],
  misconfigured: [
    502,
    '% and Gatehouse do not fit together',
    'The connection is not set up rightly. Tell your administrator: the security events say what is wrong.',
  ],
  untrusted: [
    403,
    'The answer of % cannot be trusted',
    'It was not made for this sign-in, so you were not signed in. Start again; if this stays, tell your administrator.',
  ],
  refused_by_provider: [
    403,
    '% did not let you in',
    'You cancelled, or you have no access to Gatehouse there. Ask whoever runs it to assign Gatehouse to you.',
  ],
  no_email: [
    403,
    '% did not tell your e-mail address',
    'Gatehouse knows people by it. Ask your administrator to release the e-mail claim to Gatehouse.',
  ],
  email_unverified: [
    403,
    'Your e-mail address is not verified',
    'Confirm the address at %, then sign in again.',
  ],
  other_domain: [
    403,
    'Your account is of another organisation',
    '% does not sign in people with your e-mail domain. Choose your account at work and sign in again.',
  ],
  not_in_allowed_groups: [
    403,
    'You are in no group that may use Gatehouse',
    'Ask your administrator for a group at % that is let in.',
  ],
  groups_unresolved: [
    403,
    'Your groups could not be found out',
    'You are in more groups than % puts into a sign-in, and Gatehouse may not ask it for the rest. Tell your administrator.',
  ],
  too_many_groups: [
    403,
    'You are in too many groups',
    'Gatehouse would make more than 100 teams of them. Ask your administrator to name those that count.',
  ],
  suspended: [403, 'Your account is suspended', 'Ask your administrator.'],
  email_taken: [
    409,
    'There is another account with your e-mail address',
    'It is not linked to %. Sign in to it as you did before, or ask your administrator.',
  ],
} as const satisfies Record<string, readonly [status: number, heading: string, advice: string]>;

export type RefusalReason = keyof typeof REFUSALS;

/** A person was not signed in. The person is told the reason; `why` is for the administrator alone. */
export class SignInRefused extends Error {
  override readonly name = 'SignInRefused';
  /** Who it was, in the words of a provider whose signature was good. */
  subject?: string;

  constructor(
    readonly reason: RefusalReason,
    readonly why = '',
    options?: ErrorOptions,
  ) {
    super(`${reason}: ${why}`, options);
  }

  get status(): number {
    return REFUSALS[this.reason][0];
  }

  /** In words for the person. */
  explain(provider: string): { heading: string; advice: string } {
    const [, heading, advice] = REFUSALS[this.reason];
    return { heading: heading.replace('%', provider), advice: advice.replace('%', provider) };
  }
}
