// apps/vault/src/known.spec.ts breaks no-restricted-syntax
describe.only('the gate', () => {
  expect(1).toBe(1);
});

// apps/vault/src/known.spec.ts breaks nothing
it('holds', () => {
  expect(1).toBe(1);
});
