// apps/edge/src/leaseCredential.ts breaks gatehouse/names
export const limit = 1;

// apps/edge/src/lease-credential.handler.ts breaks nothing
export const limit = 1;
