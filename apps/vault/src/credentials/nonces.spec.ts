import { Nonces } from './nonces.js';

describe('nonces', () => {
  it('are good once', () => {
    const nonces = new Nonces();
    expect(nonces.claim('first', 0)).toBe(true);
    expect(nonces.claim('second', 0)).toBe(true);
    expect(nonces.claim('first', 1)).toBe(false);
    expect(nonces.claim('first', 60_000)).toBe(false);
  });

  it('are forgotten after 60 s, so that memory does not grow', () => {
    const nonces = new Nonces(2);
    expect(nonces.claim('first', 0)).toBe(true);
    expect(nonces.claim('second', 30_000)).toBe(true);
    expect(nonces.claim('third', 60_001)).toBe(true);
  });

  it('are refused rather than forgotten early when there are too many', () => {
    const nonces = new Nonces(2);
    nonces.claim('first', 0);
    nonces.claim('second', 0);
    expect(nonces.claim('third', 1)).toBe(false);
    expect(nonces.claim('first', 1)).toBe(false);
  });
});
