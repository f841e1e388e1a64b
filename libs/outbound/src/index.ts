export { guardedConnector, Outbound, whyUnreachable, type OutboundLimits } from './outbound.js';
export { allowPrivate, Reachable, UnreachableByRule } from './reachable.js';
