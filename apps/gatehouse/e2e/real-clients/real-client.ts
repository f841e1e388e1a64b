import type { Bench } from './bench.js';

/** A client's own program, driven without a person. Each step throws if the program says that it failed. */
export interface RealClient {
  readonly name: string;
  readonly version: string;
  /** Run with every run of the test suite; else by `npm run clients` only. */
  readonly always: boolean;
  /** Variables that it wants. `model`: the address of a model server. */
  environment?(model: string): Readonly<Record<string, string>>;
  signIn(bench: Bench): Promise<void>;
  /** Looks which tools there are, and calls `echo`. */
  callTool(bench: Bench): Promise<void>;
  /** What it does when a call needs a scope that its token does not have. */
  readonly stepUp: 'signs in again' | 'shows the error';
}

/** @throws Error with all that was printed, unless it ended well */
export function ended({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }): string {
  if (code !== 0) throw new Error(`ended with ${code}:\n${stdout}\n${stderr}`);
  return stdout + stderr;
}
