import { Failure } from '@gatehouse/contracts';
import fc from 'fast-check';
import { encodeSse, SseFrames, type SseEvent } from './sse.js';

const plain = ({ event, data, id, retry, raw }: SseEvent): object => ({
  event,
  data,
  id,
  retry,
  raw: raw.toString('hex'),
});

/** All events of a stream that comes in the given chunks. */
const eventsOf = (chunks: readonly (Buffer | string)[]): object[] => {
  const frames = new SseFrames();
  return [...chunks.flatMap((chunk) => frames.push(Buffer.from(chunk))), ...frames.end()].map(plain);
};
const read = (text: string): object[] => eventsOf([text]);

describe('cutting an event stream', () => {
  it('reads the fields', () => {
    expect(read('event: message\nid: 7\nretry: 500\ndata: {"a":1}\n\n')).toMatchObject([
      { event: 'message', id: '7', retry: 500, data: '{"a":1}' },
    ]);
    expect(read('data:a\ndata: b\ndata:  c\ndata\n\n')).toMatchObject([{ event: null, data: 'a\nb\n c\n' }]);
  });

  it('keeps comments as they came, without data', () => {
    const [event] = new SseFrames().push(Buffer.from(': keep-alive\n\n'));
    expect(event?.data).toBeNull();
    expect(event?.raw.toString()).toBe(': keep-alive\n\n');
  });

  it('ignores an id with NUL and a retry that is no number', () => {
    expect(read('id: a\0b\nretry: 5s\ndata: x\n\n')).toMatchObject([{ id: null, retry: null, data: 'x' }]);
  });

  it('passes over a byte order mark at the start only', () => {
    expect(read('\ufeffdata: a\n\n\ufeffdata: b\n\n')).toMatchObject([{ data: 'a' }, { data: null }]);
  });

  it('drops an event that has no blank line', () => {
    expect(read('data: a\n\ndata: b\n')).toMatchObject([{ data: 'a' }]);
  });

  it('hands an event out with the byte that ends it', () => {
    const frames = new SseFrames();
    expect(frames.push(Buffer.from('data: a\n'))).toEqual([]);
    expect(frames.push(Buffer.from('\n'))).toHaveLength(1);
    expect(frames.push(Buffer.from('data: b\r\n\r\n'))).toHaveLength(1);
    expect(frames.push(Buffer.from('data: c\r\r'))).toEqual([]);
    expect(frames.end()).toHaveLength(1);
  });

  it('gives the same events for any chunking, and every byte of them', () => {
    const line = fc.constantFrom('data: x', 'data: é😀', 'id: 1', ': c', 'event: e', '\ufeff', 'data', '');
    const stream = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r', '\r\n')), { maxLength: 30 });
    fc.assert(
      fc.property(stream, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (lines, sizes) => {
        const bytes = Buffer.from(lines.flat().join(''));
        const chunks: Buffer[] = [];
        for (let at = 0, i = 0; at < bytes.length; i++)
          chunks.push(bytes.subarray(at, (at += sizes[i % sizes.length]!)));
        const whole = eventsOf([bytes]);
        expect(eventsOf(chunks)).toEqual(whole);
        const joined = whole.map((event) => (event as { raw: string }).raw).join('');
        expect(bytes.toString('hex').startsWith(joined)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  it('reads line ends as the standard does', () => {
    const line = fc.constantFrom('data: x', 'data: y', 'id: 1', 'event: e');
    fc.assert(
      fc.property(
        fc.array(fc.array(line, { minLength: 1 })),
        fc.constantFrom('\n', '\r', '\r\n'),
        (blocks, end) => {
          const text = blocks.map((block) => [...block, '', ''].slice(0, -1).join(end) + end).join('');
          const lf = blocks.map((block) => `${block.join('\n')}\n\n`).join('');
          const fields = (events: object[]): object[] => events.map((event) => ({ ...event, raw: '' }));
          expect(read(text)).toHaveLength(blocks.length);
          expect(fields(read(text))).toEqual(fields(read(lf)));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('takes an event up to the limit and refuses a larger one, in however many chunks', () => {
    const event = Buffer.from('data: 12\n\n');
    expect(new SseFrames(event.length).push(event)).toHaveLength(1);
    expect(() => new SseFrames(event.length - 1).push(event)).toThrow(Failure);
    const frames = new SseFrames(100);
    expect(() => {
      for (let i = 0; i < 101; i++) frames.push(Buffer.from('x'));
    }).toThrow(/larger than 100 bytes/);
  });

  it('counts each event by itself', () => {
    expect(new SseFrames(10).push(Buffer.from('data: 12\n\n'.repeat(1_000)))).toHaveLength(1_000);
  });
});

describe('writing an event', () => {
  it('is undone by reading it', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ' ', ':', 'é', '\n') });
    const word = fc.string({ unit: fc.constantFrom('a', ' ', ':', 'é') });
    fc.assert(
      fc.property(fc.record({ event: word, id: word, retry: fc.nat(), data: text }), (fields) => {
        expect(read(encodeSse(fields))).toMatchObject([fields]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('refuses a name or id that would begin another field', () => {
    for (const value of ['a\nb', 'a\rb', 'a\0b']) {
      expect(() => encodeSse({ event: value })).toThrow(RangeError);
      expect(() => encodeSse({ id: value })).toThrow(RangeError);
    }
  });
});
