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

/** What `echo` is to give back. One server calls its argument so, the other so. */
export const SAID = 'said-by-the-client';
export const ECHO = { name: 'echo', arguments: { text: SAID, message: SAID } };

/** @throws Error unless the tool gave back what was said */
export function gaveBack(answer: string): void {
  if (!answer.includes(SAID)) throw new Error(`the tool did not answer: ${answer}`);
}

/** @throws Error with all that was printed, unless it ended well */
export function ended({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }): string {
  if (code !== 0) throw new Error(`ended with ${code}:\n${stdout}\n${stderr}`);
  return stdout + stderr;
}
