import { Failure } from '@gatehouse/contracts';

/** A refusal whose reason is for the log alone: whoever probes the vault learns nothing from it. */
export function refused(reason: string): Failure {
  return new Failure('vault.request_refused', undefined, { cause: new Error(reason) });
}
