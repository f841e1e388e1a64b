import { randomBytes, randomUUID } from 'node:crypto';
import { KEY_BYTES, KEY_ENVELOPE_BYTES, keyIdOf, type Key } from './envelope.js';
import { openRecord, sealRecord, type Place } from './record.js';

const makeKey = (): Key => ({ id: randomUUID(), secret: randomBytes(KEY_BYTES) });
const place: Place = { tenant: 'demo', subject: '*', server: 'github', kind: 'headers' };
const content = Buffer.from('Bearer planted-secret');

describe('a record', () => {
  const key = makeKey();
  const record = sealRecord(content, place, key);

  it('opens at its place with its key', () => {
    expect(openRecord(record, place, key)).toEqual(content);
    expect(keyIdOf(record)).toBe(key.id.replaceAll('-', ''));
  });

  it.each(['tenant', 'subject', 'server', 'kind'] as const)('does not open for another %s', (part) => {
    expect(() => openRecord(record, { ...place, [part]: 'other' }, key)).toThrow('does not open');
  });

  it('does not open where the parts of its place only join to the same text', () => {
    const shifted = sealRecord(content, { ...place, tenant: 'demo*', subject: '' }, key);
    expect(() => openRecord(shifted, place, key)).toThrow('does not open');
  });

  it('does not open with another key, even one of the same id', () => {
    expect(() => openRecord(record, place, makeKey())).toThrow('does not open');
    expect(() => openRecord(record, place, { ...makeKey(), id: key.id })).toThrow('does not open');
  });

  it('does not open if any one bit of it was turned, or its end is missing', () => {
    for (let at = 0; at < record.length; at += 1) {
      const altered = Buffer.from(record);
      altered[at] = record.readUInt8(at) ^ 1;
      expect(() => openRecord(altered, place, key)).toThrow('does not open');
      expect(() => openRecord(record.subarray(0, at), place, key)).toThrow('does not open');
    }
  });

  it('does not open with the content of another record put behind its data key', () => {
    const other = sealRecord(Buffer.from('another'), place, key);
    const mixed = Buffer.concat([record.subarray(0, KEY_ENVELOPE_BYTES), other.subarray(KEY_ENVELOPE_BYTES)]);
    expect(() => openRecord(mixed, place, key)).toThrow('does not open');
  });

  it('says nothing of its content when it does not open', () => {
    expect(() => openRecord(record, { ...place, server: 'other' }, key)).not.toThrow('planted-secret');
  });

  it('has nonces that do not repeat in 100,000 encryptions', () => {
    const seen = new Set<string>();
    const nonceOf = (envelope: Buffer) => envelope.toString('hex', 17, 29);
    for (let round = 0; round < 50_000; round += 1) {
      const next = sealRecord(content, place, key);
      seen.add(nonceOf(next)).add(nonceOf(next.subarray(KEY_ENVELOPE_BYTES)));
    }
    expect(seen.size).toBe(100_000);
  });
});
