// apps/edge/src/string-helpers.ts breaks gatehouse/names
export const limit = 1;

// apps/edge/src/host-name.ts breaks nothing
export const limit = 1;
