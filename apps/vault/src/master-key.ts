import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { ConfigError, secret, type Logger } from '@gatehouse/runtime';
import { z } from 'zod';
import type { Key } from './barrier/envelope.js';

/** Exactly one of the two: 32 bytes in base64, or the path of a file that holds them so. */
export const MasterKeyConfig = z.object({
  GATEHOUSE_MASTER_KEY: secret().optional(),
  GATEHOUSE_MASTER_KEY_FILE: z.string().optional(),
});
type MasterKeyConfig = z.output<typeof MasterKeyConfig>;

/** 32 bytes in base64 or base64url. */
const ENCODED_KEY = /^[\w+/-]{43}=?$/;
const OTHERS_MAY = 0o077;

/** Reads the master key. Its id is the start of its SHA-256. @throws ConfigError naming the variable at fault */
export function readMasterKey(config: MasterKeyConfig, log: Logger): Key {
  const { variable, text } = readText(config, log);
  if (!ENCODED_KEY.test(text))
    throw fault(
      variable,
      'must be 32 bytes in base64: make one with `openssl rand -base64 32`, and keep a copy',
    );
  const bytes = Buffer.from(text, 'base64');
  return { id: createHash('sha256').update(bytes).digest('hex').slice(0, 32), secret: bytes };
}

/** How people tell master keys apart: the first 8 hexadecimal digits of the key's SHA-256. Safe to show. */
export function fingerprint({ id }: Key): string {
  return id.slice(0, 8);
}

function readText(config: MasterKeyConfig, log: Logger): { variable: string; text: string } {
  const { GATEHOUSE_MASTER_KEY: key, GATEHOUSE_MASTER_KEY_FILE: file } = config;
  if (key !== undefined && file !== undefined)
    throw fault('GATEHOUSE_MASTER_KEY', 'is set together with GATEHOUSE_MASTER_KEY_FILE: remove one of them');
  if (key !== undefined) return { variable: 'GATEHOUSE_MASTER_KEY', text: key.reveal().trim() };
  if (file !== undefined) return { variable: 'GATEHOUSE_MASTER_KEY_FILE', text: readKeyFile(file, log) };
  throw fault(
    'GATEHOUSE_MASTER_KEY',
    'is missing: set it, or GATEHOUSE_MASTER_KEY_FILE, to the master key of the vault',
  );
}

/**
 * A file that others may read brings a warning, not a refusal: Docker and Kubernetes mount secrets 0444 or 0644
 * where nobody else lives, and refusing would drive the key into environment variables.
 */
function readKeyFile(file: string, log: Logger): string {
  try {
    const mode = statSync(file).mode & 0o777;
    if (mode & OTHERS_MAY)
      log.warn(
        { file, mode: mode.toString(8) },
        'others may read the master key: run chmod 0400 on its file',
      );
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw fault(
      'GATEHOUSE_MASTER_KEY_FILE',
      `${file} cannot be read (${code}): correct the path or its rights`,
    );
  }
}

function fault(variable: string, text: string): ConfigError {
  return new ConfigError([`${variable}: ${text}`]);
}
