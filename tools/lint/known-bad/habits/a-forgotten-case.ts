// apps/vault/src/known.ts breaks @typescript-eslint/switch-exhaustiveness-check
export function status(effect: 'permit' | 'deny'): number {
  switch (effect) {
    case 'permit':
      return 200;
  }
  return 500;
}

// apps/vault/src/known.ts breaks nothing
export function status(effect: 'permit' | 'deny'): number {
  switch (effect) {
    case 'permit':
      return 200;
    case 'deny':
      return 403;
  }
}
