// apps/vault/src/known.ts breaks gatehouse/parameters
export class Lease {
  constructor(
    readonly part0: string,
    readonly part1: string,
    readonly part2: string,
    readonly part3: string,
    readonly part4: string,
    readonly part5: string,
  ) {}
}

// apps/vault/src/known.ts breaks nothing
export class Lease {
  constructor(
    readonly part0: string,
    readonly part1: string,
    readonly part2: string,
    readonly part3: string,
    readonly part4: string,
  ) {}
}
