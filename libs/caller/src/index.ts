export { bearerToken } from './bearer-token.js';
export { principalOf, type Caller } from './caller.js';
export { Callers, isOpaque, type TokenUse } from './callers.js';
