import { describeError } from '../describe-error.js';
import { Unexpected } from '../sign-in/unexpected.js';

/** What a step is, before it is tried. */
export interface StepPlan {
  name: string;
  expected: string;
  /** What to do if something else comes, unless the fault itself knows better. */
  cure: string;
}

export interface StepResult {
  step: number;
  name: string;
  ok: boolean;
  /** Milliseconds. */
  ms: number;
  /** Worth knowing about a step that went well. */
  note?: string;
  expected?: string;
  came?: string;
  cure?: string;
}

/** A step failed: those after it stand on it. Its result is in the report already. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

/** Tries steps one by one, and tells of each as it ends. */
export class StepReport {
  readonly results: StepResult[] = [];

  constructor(private readonly tell: (result: StepResult) => void) {}

  get ok(): boolean {
    return this.results.every((result) => result.ok);
  }

  /** @throws Stopped if the step failed */
  async step<T>(plan: StepPlan, work: () => Promise<T>, note?: (value: T) => string): Promise<T> {
    const began = performance.now();
    const step = this.results.length + 1;
    const done = (rest: Partial<StepResult> & { ok: boolean }) => {
      const result = { step, name: plan.name, ms: Math.round(performance.now() - began), ...rest };
      this.results.push(result);
      this.tell(result);
    };
    try {
      const value = await work();
      done({ ok: true, ...(note && { note: note(value) }) });
      return value;
    } catch (error) {
      const known = error instanceof Unexpected ? error : undefined;
      const { expected, cure } = plan;
      const came = known?.message ?? describeError(error);
      done({ ok: false, expected: known?.expected ?? expected, came, cure: known?.cure ?? cure });
      throw new Stopped(plan.name);
    }
  }
}

/** A step's result for a person: one line, and three more for a step that failed. */
export function showStep({ step, name, ok, ms, note, expected, came, cure }: StepResult): string {
  const line = `${ok ? 'ok  ' : 'FAIL'} ${String(step).padStart(2)}  ${name.padEnd(32)}${String(ms).padStart(6)} ms`;
  if (ok) return note ? `${line}  ${note}` : line;
  return [
    line,
    `         expected: ${expected}`,
    `         came:     ${came}`,
    `         do:       ${cure}`,
  ].join('\n');
}
