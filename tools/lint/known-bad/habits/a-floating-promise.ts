// apps/vault/src/known.ts breaks @typescript-eslint/no-floating-promises
export function close(work: Promise<void>): void {
  work.then(() => undefined);
}

// apps/vault/src/known.ts breaks nothing
export async function close(work: Promise<void>): Promise<void> {
  await work;
}
