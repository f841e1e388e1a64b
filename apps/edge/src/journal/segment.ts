import { open, unlink, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

/** One file of the journal, and how many of its calls still wait for audit. */
export class Segment {
  private readonly waiting = new Set<string>();
  private sealed = false;
  private removed = false;
  bytes = 0;

  private constructor(
    readonly path: string,
    private readonly file: FileHandle | null,
  ) {}

  static async create(path: string): Promise<Segment> {
    const file = await open(path, 'ax', 0o600);
    // without this the file's name, and so the file, may be gone after a power cut
    const folder = await open(dirname(path));
    await folder.sync().finally(() => folder.close());
    return new Segment(path, file);
  }

  /** A file that an earlier process left, and the calls in it that audit may not have. */
  static async recovered(path: string, ids: Iterable<string>): Promise<Segment> {
    const segment = new Segment(path, null);
    for (const id of ids) segment.waiting.add(id);
    await segment.seal();
    return segment;
  }

  async write(lines: string, sync: boolean): Promise<void> {
    if (!this.file) throw new Error(`${this.path} is not open`);
    const bytes = Buffer.from(lines);
    for (let done = 0; done < bytes.length;)
      done += (await this.file.write(bytes, done, bytes.length - done)).bytesWritten;
    if (sync) await this.file.datasync();
    this.bytes += bytes.length;
  }

  hold(id: string): void {
    this.waiting.add(id);
  }

  /** Audit has the call: the file goes when it is full and nothing in it waits any more. */
  async release(id: string): Promise<void> {
    if (this.waiting.delete(id)) await this.removeIfDone();
  }

  /** Nothing more will be written here. */
  async seal(): Promise<void> {
    this.sealed = true;
    await this.file?.close();
    await this.removeIfDone();
  }

  /** True when the file is gone: every call in it is with audit. */
  get done(): boolean {
    return this.removed;
  }

  private async removeIfDone(): Promise<void> {
    if (!this.sealed || this.removed || this.waiting.size > 0) return;
    this.removed = true;
    await unlink(this.path).catch(ignoreMissing);
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
