import type { Bus } from '@gatehouse/bus';
import { vaultAuthKeysChanged, type AuthKeys } from '@gatehouse/contracts';
import type { Logger } from '@gatehouse/runtime';
import type { z } from 'zod';
import {
  AUTH_KEYS,
  AUTH_TRANSPORT,
  makeCookieSecret,
  makeSigningKey,
  type OwnAuthKeys,
} from './key-kinds.js';
import { succeeded } from './rotation.js';
import type { ServiceKeys } from './service-keys.js';

/** A browser's session lasts 12 hours, and its cookie is signed anew whenever it is used. */
const KEEP_COOKIE_SECRET_MS = 24 * 3_600_000;
const LOOK_EVERY_MS = 60_000;

/** All in milliseconds. */
export interface RotationTimes {
  /** Keys older than this are replaced. */
  readonly ageMs: number;
  /** Between a key's being made and its first use: in this time every replica of auth hears of it, and publishes it. */
  readonly leadMs: number;
  /** How long a replaced key still verifies: longer than any access token lives. */
  readonly keepMs: number;
}

/** The keys with which auth signs tokens and cookies, replaced when they are old enough or when somebody asks. */
export class RotatingAuthKeys {
  private readonly looking: NodeJS.Timeout;

  constructor(
    private readonly keys: ServiceKeys,
    private readonly bus: Bus,
    private readonly log: Logger,
    private readonly times: RotationTimes,
  ) {
    this.looking = setInterval(() => {
      this.rotateIfOld().catch((error: unknown) => log.warn({ err: error }, 'keys were not rotated'));
    }, LOOK_EVERY_MS);
    this.looking.unref();
  }

  stop(): void {
    clearInterval(this.looking);
  }

  async lease(): Promise<z.output<typeof AuthKeys>> {
    return { ...(await this.keys.get(AUTH_KEYS)), transport: await this.keys.get(AUTH_TRANSPORT) };
  }

  rotateIfOld(): Promise<OwnAuthKeys> {
    return this.rotate(({ activeFrom }, now) => activeFrom + this.times.ageMs <= now);
  }

  /** A key that does not serve yet is the next one already: so nobody can pile keys up. */
  rotateNow(): Promise<OwnAuthKeys> {
    return this.rotate(({ activeFrom }, now) => activeFrom <= now);
  }

  private async rotate(
    isDue: (newest: OwnAuthKeys['signing'][number], now: number) => boolean,
  ): Promise<OwnAuthKeys> {
    let made = false;
    const keys = await this.keys.replace(AUTH_KEYS, async (old) => {
      const now = Date.now();
      made = old.signing[0] !== undefined && isDue(old.signing[0], now);
      return made ? this.next(old, now) : null;
    });
    if (made) {
      this.log.info(
        { kid: keys.signing[0]?.kid, activeFrom: keys.signing[0]?.activeFrom },
        'a signing key was made',
      );
      this.bus.publish(vaultAuthKeysChanged, {});
    }
    return keys;
  }

  private async next({ signing, cookies }: OwnAuthKeys, now: number): Promise<OwnAuthKeys> {
    const { leadMs, keepMs } = this.times;
    const term = { activeFrom: now + leadMs, keepUntil: null };
    return {
      signing: succeeded(signing, await makeSigningKey(term), { keepMs, now }),
      cookies: succeeded(cookies, makeCookieSecret(term), { keepMs: KEEP_COOKIE_SECRET_MS, now }),
    };
  }
}
