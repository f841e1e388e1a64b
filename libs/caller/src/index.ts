export { bearerToken } from './bearer-token.js';
export { principalOf, type Caller } from './caller.js';
export { Callers, type TokenUse } from './callers.js';
