import type { Bench } from './bench.js';

/** A client's own program, driven without a person. Each step throws if the program says that it failed. */
export interface RealClient {
  readonly name: string;
  readonly version: string;
  /** Run with every run of the test suite; else by `npm run clients` only. */
  readonly always: boolean;
  /** Variables that it wants. `model`: address of the model server. */
  environment?(model: string): Readonly<Record<string, string>>;
  /** @param scopes to ask for, where it is not left to the client; null: the client cannot be told */
  signIn(bench: Bench, scopes?: string): Promise<void>;
  listTools(bench: Bench): Promise<void>;
  /** Calls `echo`. */
  callTool(bench: Bench): Promise<void>;
  /**
   * What it does when a call needs more scopes than it has: `signs in again` and calls; or `shows the error`; `no`: it
   * cannot be told to ask for fewer scopes than are offered, so it never gets there.
   */
  readonly stepUp: 'signs in again' | 'shows the error' | 'no';
}

/** @throws Error with all that was printed, unless it ended well */
export function ended({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }): string {
  if (code !== 0) throw new Error(`ended with ${code}:\n${stdout}\n${stderr}`);
  return stdout + stderr;
}
