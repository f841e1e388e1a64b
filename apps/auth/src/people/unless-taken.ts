import { Failure, type FailureCode } from '@gatehouse/contracts';

/** SQLSTATE of a value that another row has (PostgreSQL documentation, appendix A). */
const UNIQUE_VIOLATION = '23505';

/** Writes what has to be unique. @throws Failure with this code if another row has it */
export async function unlessTaken<T>(code: FailureCode, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if ((error as { code?: unknown }).code === UNIQUE_VIOLATION) throw new Failure(code);
    throw error;
  }
}
