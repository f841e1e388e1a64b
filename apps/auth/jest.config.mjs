import { preset } from '../../jest.preset.mjs';

// Starting Postgres, and hashing passwords as slowly as they should be, takes its time on a busy machine.
export default { ...preset('auth-service'), testTimeout: 60_000 };
