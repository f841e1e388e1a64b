// apps/vault/src/known.ts breaks @nx/enforce-module-boundaries, gatehouse/declared-dependency
import * as testing from '@gatehouse/testing';

export const names = Object.keys(testing);

// apps/vault/src/known.int.spec.ts breaks nothing
import * as testing from '@gatehouse/testing';

export const names = Object.keys(testing);
