import { Failure } from '@gatehouse/contracts';
import fc from 'fast-check';
import { filterToolList } from './tool-list.js';

const all = (): boolean => true;
const not =
  (...names: string[]) =>
  (tool: string): boolean =>
    !names.includes(tool);

describe('filtering a list of tools', () => {
  it('gives the very same text where nothing is hidden', () => {
    const text =
      ' {"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"a"} , {"name":"b"}],"cacheScope":"private"}}\n';
    expect(filterToolList(text, all)).toEqual({ hidden: 0, text });
  });

  it('leaves the rest byte for byte', () => {
    const text =
      '{"x" : 1e400,"id":9007199254740993,"result":{"nextCursor":"c\\u0041","tools":[ {"name":"a","inputSchema":{"maximum":18446744073709551615,"name":"b"}}, {"title":"]}","name":"b"} ,{"name":"c","d":1.0}],"ttlMs":5},"jsonrpc":"2.0"}';
    expect(filterToolList(text, not('b'))).toEqual({
      hidden: 1,
      text: '{"x" : 1e400,"id":9007199254740993,"result":{"nextCursor":"c\\u0041","tools":[{"name":"a","inputSchema":{"maximum":18446744073709551615,"name":"b"}},{"name":"c","d":1.0}],"ttlMs":5},"jsonrpc":"2.0"}',
    });
  });

  it('says that a list is private, whether or not something is hidden', () => {
    const text = '{"id":1,"result":{"cacheScope":"public","tools":[{"name":"a"},{"name":"b"}],"n":1}}';
    expect(filterToolList(text, all).text).toBe(text.replace('public', 'private'));
    expect(filterToolList(text, not('a', 'b')).text).toBe(
      '{"id":1,"result":{"cacheScope":"private","tools":[],"n":1}}',
    );
    expect(filterToolList('{"result":{"tools":[{"name":"a"}],"cacheScope":"public"}}', not('a')).text).toBe(
      '{"result":{"tools":[],"cacheScope":"private"}}',
    );
  });

  it('hides whatever has no name', () => {
    expect(
      filterToolList('{"result":{"tools":[1,null,{},{"name":2},"x",[{"name":"a"}],{"name":"a"}]}}', all),
    ).toEqual({
      hidden: 6,
      text: '{"result":{"tools":[{"name":"a"}]}}',
    });
  });

  it('judges an escaped name decoded, and exactly', () => {
    expect(
      filterToolList('{"result":{"tools":[{"na\\u006de":"\\u0061"},{"name":"A"},{"name":"a "}]}}', not('a'))
        .hidden,
    ).toBe(1);
  });

  it('passes an error and a result without a list', () => {
    for (const text of [
      '{"id":1,"error":{"code":1,"tools":[{"name":"a"}]}}',
      '{"id":1,"result":{"resultType":"x"}}',
      '{"result":null}',
    ]) {
      expect(filterToolList(text, not('a')).text).toBe(text);
    }
  });

  it.each([
    '{"result":{"tools":[{"name":"a"}],"tools":[{"name":"b"}]}}',
    '{"result":{"tools":[]},"result":{"tools":[{"name":"b"}]}}',
    '{"result":{"tools":[{"name":"a","name":"b"}]}}',
    '{"result":{"tools":{"name":"b"}}}',
    '{"result":{"tools":[{"name":"b"}]}} {}',
    '[{"result":{"tools":[{"name":"b"}]}}]',
    '{"result":{"tools":[{"name":"b"}]}',
    '{"result":{"tools":[{"name":"b"',
    '{"result":{"tools":[{"name":"b"},]}}',
    '',
  ])('refuses what can be read in two ways or not at all: %s', (text) => {
    expect(() => filterToolList(text, all)).toThrow(Failure);
  });

  it('does to any list what parsing, filtering and writing again would do', () => {
    const tool = fc.record(
      {
        name: fc.constantFrom('a', 'b', 'c', '\u2028"\\'),
        inputSchema: fc.jsonValue(),
        description: fc.string(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        fc.array(tool),
        fc.jsonValue(),
        fc.subarray(['a', 'b', 'c', '\u2028"\\']),
        (tools, other, hidden) => {
          const text = JSON.stringify({ other, result: { more: other, tools, last: other } }, null, 1);
          const kept = tools.filter(({ name }) => name !== undefined && !hidden.includes(name));
          const filtered = filterToolList(text, not(...hidden));
          expect(filtered.hidden).toBe(tools.length - kept.length);
          expect(JSON.parse(filtered.text)).toEqual(
            JSON.parse(JSON.stringify({ other, result: { more: other, tools: kept, last: other } })),
          );
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
