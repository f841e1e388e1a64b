// libs/mcp/src/known.ts breaks gatehouse/parameters
export const at = (left: number, top: number, width: number, height: number) => [left, top, width, height];

// libs/mcp/src/known.ts breaks nothing
export const at = (left: number, top: number, width: number) => [left, top, width];
