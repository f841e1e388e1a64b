// apps/vault/src/known.ts breaks @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-member-access
export const name = (answer: any) => answer.name;

// apps/vault/src/known.ts breaks nothing
export const name = (answer: { name: string }) => answer.name;
