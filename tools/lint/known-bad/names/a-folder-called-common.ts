// apps/edge/src/common/known.ts breaks gatehouse/names
export const limit = 1;

// apps/edge/src/call/known.ts breaks nothing
export const limit = 1;
