import { Failure, failures, type FailureCode } from '@gatehouse/contracts';

interface RefusalDetails {
  /** HTTP status. */
  readonly http: number;
  /** JSON-RPC error code. */
  readonly rpc: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** How the record of a refused call names what happened. */
  readonly status?: 'denied' | 'limited' | 'error';
}

/** Why a request is not let on, with everything that its answer needs. Thrown by the steps of a call. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(readonly details: RefusalDetails) {
    super(details.text);
  }

  static of(code: FailureCode, more: Partial<RefusalDetails> = {}): Refusal {
    const { http, rpc, text } = failures[code];
    return new Refusal({ http, rpc, text, ...more });
  }

  /** A request that is wrong in itself: JSON-RPC "Invalid Request". */
  static malformed(http: number, text: string, headers: Readonly<Record<string, string>> = {}): Refusal {
    return new Refusal({ http, rpc: -32600, text, headers });
  }

  /** The refusal in anything that was thrown; a bug is told as `internal`, and only the log sees more. */
  static from(error: unknown): Refusal {
    if (error instanceof Refusal) return error;
    if (error instanceof Failure) return Refusal.of(error.code, { text: error.detail ?? error.row.text });
    return Refusal.of('internal');
  }
}
