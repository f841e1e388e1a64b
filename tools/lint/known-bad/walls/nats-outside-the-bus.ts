// apps/policy/src/known.ts breaks @nx/enforce-module-boundaries
import { connect } from 'nats';

export const open = () => connect();

// libs/bus/src/known.ts breaks nothing
import { connect } from 'nats';

export const open = () => connect();
