import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProgressLog } from '../database-error.js';
import { isRunning } from './launch-postgres.js';

const STOP_LIMIT_MS = 30_000;
const AGAIN_MS = 500;

/** A server that is started again whenever it ends by itself, and that ends with this process. */
export class KeptRunning {
  private stopping = false;
  private restarting: Promise<void> = Promise.resolve();
  private readonly stopNow = () => void this.child.kill('SIGINT');

  /** @param launch starts the server anew, where its clients look for it */
  constructor(
    private child: ChildProcess,
    private readonly launch: () => Promise<ChildProcess>,
    private readonly log?: ProgressLog,
  ) {
    process.once('exit', this.stopNow);
    this.watch();
  }

  /** Fast shutdown; resolves when the server has ended. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.restarting;
    process.off('exit', this.stopNow);
    if (!isRunning(this.child)) return;
    this.child.ref();
    const ended = once(this.child, 'exit');
    const impatience = setTimeout(() => this.child.kill('SIGQUIT'), STOP_LIMIT_MS);
    this.stopNow();
    await ended;
    clearTimeout(impatience);
  }

  private watch(): void {
    this.child.once('exit', (code, signal) => {
      if (this.stopping) return;
      this.log?.warn(`the embedded Postgres ended by itself (${signal ?? code}), starting it again`);
      this.restarting = this.restart();
    });
  }

  /** Does not give up: until then whoever needs the database answers 503, and a full disk may be emptied. */
  private async restart(): Promise<void> {
    while (!this.stopping) {
      try {
        this.child = await this.launch();
        this.log?.info('the embedded Postgres runs again');
        return this.watch();
      } catch (error) {
        // the server processes of the old one may need a moment to notice and let go of its memory
        this.log?.warn(error instanceof Error ? error.message : String(error));
        await delay(AGAIN_MS);
      }
    }
  }
}
