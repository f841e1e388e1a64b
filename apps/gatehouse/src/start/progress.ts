/** Tells the person who started Gatehouse what is going on, on standard error. */
export class Progress {
  private readonly begun = performance.now();

  info(text: string): void {
    this.print(text);
  }

  warn(text: string): void {
    this.print(`note: ${text}`);
  }

  private print(text: string): void {
    const seconds = ((performance.now() - this.begun) / 1_000).toFixed(1).padStart(5);
    process.stderr.write(`${seconds} s  ${text}\n`);
  }
}
