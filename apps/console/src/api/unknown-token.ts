import { Failure } from '@gatehouse/contracts';

/** As an answer to the caller `auth.unknown_token` would be a 401, and the client would sign in again for nothing. */
export function knownToken<T>(answer: Promise<T>): Promise<T> {
  return answer.catch((error: unknown) => {
    if (error instanceof Failure && error.code === 'auth.unknown_token')
      throw new Failure('api.not_found', 'There is no such token.');
    throw error;
  });
}
