// apps/vault/src/known.spec.ts breaks no-restricted-syntax
it.skip.each([1, 2])('holds %d', (n) => {
  expect(n).toBe(n);
});

// apps/vault/src/known.spec.ts breaks nothing
it('holds', () => {
  expect(1).toBe(1);
});
