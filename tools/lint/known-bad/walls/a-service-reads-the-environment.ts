// apps/auth/src/known.ts breaks no-restricted-syntax
export const port = process.env['AUTH_PORT'];

// libs/runtime/src/known.ts breaks nothing
export const port = process.env['AUTH_PORT'];
