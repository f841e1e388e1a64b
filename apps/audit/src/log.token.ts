/** Injection token of the service's `Logger`. */
export const LOG = Symbol('log');
