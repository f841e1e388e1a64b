import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '@gatehouse/runtime';
import { pino } from 'pino';
import { fingerprint, MasterKeyConfig, readMasterKey } from './master-key.js';

const bytes = Buffer.from(Array.from({ length: 32 }, (_, index) => index));
const encoded = bytes.toString('base64');

function read(environment: Record<string, string>, lines: string[] = []) {
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  return readMasterKey(readConfig(MasterKeyConfig, environment), log);
}

function keyFile(text: string, mode: number): string {
  const file = join(mkdtempSync(join(tmpdir(), 'gatehouse-key-')), 'master.key');
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

describe('the master key', () => {
  it('is 32 bytes in base64 or base64url, in a variable or in a file', () => {
    expect(read({ GATEHOUSE_MASTER_KEY: encoded }).secret).toEqual(bytes);
    expect(read({ GATEHOUSE_MASTER_KEY: bytes.toString('base64url') }).secret).toEqual(bytes);
    expect(read({ GATEHOUSE_MASTER_KEY_FILE: keyFile(`${encoded}\n`, 0o400) }).secret).toEqual(bytes);
  });

  it('is known by the first 8 hexadecimal digits of its SHA-256', () => {
    expect(fingerprint(read({ GATEHOUSE_MASTER_KEY: encoded }))).toBe('630dcd29');
  });

  it.each([
    ['nothing', {}, 'GATEHOUSE_MASTER_KEY: is missing'],
    ['an empty variable', { GATEHOUSE_MASTER_KEY: '' }, 'GATEHOUSE_MASTER_KEY: is missing'],
    ['16 bytes', { GATEHOUSE_MASTER_KEY: encoded.slice(0, 24) }, 'GATEHOUSE_MASTER_KEY: must be 32 bytes'],
    [
      '33 bytes',
      { GATEHOUSE_MASTER_KEY: `${encoded.slice(0, 43)}A` },
      'GATEHOUSE_MASTER_KEY: must be 32 bytes',
    ],
    [
      'hexadecimal',
      { GATEHOUSE_MASTER_KEY: bytes.toString('hex') },
      'GATEHOUSE_MASTER_KEY: must be 32 bytes',
    ],
    [
      'both variables',
      { GATEHOUSE_MASTER_KEY: encoded, GATEHOUSE_MASTER_KEY_FILE: '/x' },
      'GATEHOUSE_MASTER_KEY: is set together with GATEHOUSE_MASTER_KEY_FILE',
    ],
    [
      'a file that is not there',
      { GATEHOUSE_MASTER_KEY_FILE: '/nowhere/master.key' },
      'GATEHOUSE_MASTER_KEY_FILE: /nowhere/master.key cannot be read (ENOENT)',
    ],
    [
      'an empty file',
      { GATEHOUSE_MASTER_KEY_FILE: keyFile('', 0o400) },
      'GATEHOUSE_MASTER_KEY_FILE: must be 32 bytes',
    ],
  ])('is refused, with the variable at fault, when given as %s', (_, environment, message) => {
    expect(() => read(environment)).toThrow(message);
    expect(() => read(environment)).not.toThrow(encoded);
  });

  it('brings a warning, without the key, if others may read its file', () => {
    const warned: string[] = [];
    read({ GATEHOUSE_MASTER_KEY_FILE: keyFile(encoded, 0o644) }, warned);
    expect(warned.join()).toContain('chmod 0400');
    expect(warned.join()).not.toContain(encoded);
    const quiet: string[] = [];
    read({ GATEHOUSE_MASTER_KEY_FILE: keyFile(encoded, 0o400) }, quiet);
    expect(quiet).toEqual([]);
  });
});
