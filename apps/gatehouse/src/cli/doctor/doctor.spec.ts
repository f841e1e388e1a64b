import type { Tool } from '@modelcontextprotocol/sdk/types.js';
import { Unexpected } from '../sign-in/unexpected.js';
import { showStep, StepReport, type StepResult, Stopped } from './step-report.js';
import { STEPS } from './steps.js';
import { safeCall } from './try-mcp.js';

const PLAN = { name: 'reach', expected: 'status 401', cure: 'check the URL' };

describe('the doctor’s report', () => {
  it('tells of a step that went well, and what is worth knowing of it', async () => {
    const told: StepResult[] = [];
    const report = new StepReport((result) => told.push(result));
    const value = await report.step(
      PLAN,
      () => Promise.resolve(3),
      (tools) => `${tools} tools`,
    );
    expect(value).toBe(3);
    expect(report.ok).toBe(true);
    expect(told).toEqual([{ step: 1, name: 'reach', ok: true, ms: expect.any(Number), note: '3 tools' }]);
    expect(showStep({ step: 1, name: 'reach', ok: true, ms: 12, note: '3 tools' })).toMatch(
      /^ok {4}1 {2}reach +12 ms {2}3 tools$/,
    );
  });

  it('tells of a failing step what was expected, what came and what to do, and stops', async () => {
    const report = new StepReport(() => undefined);
    const refused = Object.assign(new Error('fetch failed'), { cause: new Error('connect ECONNREFUSED') });
    await expect(report.step(PLAN, () => Promise.reject(refused))).rejects.toThrow(Stopped);
    expect(report.ok).toBe(false);
    expect(report.results[0]).toMatchObject({
      ok: false,
      expected: 'status 401',
      came: 'connect ECONNREFUSED',
      cure: 'check the URL',
    });
    const lines = showStep({ ...PLAN, step: 1, ok: false, ms: 5, came: 'status 404' }).split('\n');
    expect(lines.map((line) => line.trim())).toEqual([
      expect.stringMatching(/^FAIL {2}1 {2}reach/),
      'expected: status 401',
      'came:     status 404',
      'do:       check the URL',
    ]);
  });

  it('prefers what the fault itself knows', async () => {
    const report = new StepReport(() => undefined);
    const fault = new Unexpected('status 200', { expected: 'a 401', cure: 'no sign-in here' });
    await expect(report.step(PLAN, () => Promise.reject(fault))).rejects.toThrow(Stopped);
    expect(report.results[0]).toMatchObject({
      expected: 'a 401',
      came: 'status 200',
      cure: 'no sign-in here',
    });
  });

  it('says of every step what is expected and what to do', () => {
    expect(Object.keys(STEPS)).toHaveLength(10);
    for (const { expected, cure } of Object.values(STEPS)) expect([expected, cure]).not.toContain('');
  });
});

describe('the tool that is tried', () => {
  const tool = (name: string, rest: Partial<Tool> & { required?: string[] } = {}): Tool => ({
    name,
    inputSchema: { type: 'object', required: rest.required ?? [] },
    ...rest,
  });

  it('is echo, given what it needs', () => {
    const tools = [
      tool('status', { annotations: { readOnlyHint: true } }),
      tool('echo', { required: ['message'] }),
    ];
    expect(safeCall(tools)).toEqual({ name: 'echo', arguments: { message: 'Hello from doctor' } });
  });

  it('else one that only reads and needs no arguments', () => {
    const reader = { annotations: { readOnlyHint: true } };
    const tools = [tool('wipe'), tool('find', { ...reader, required: ['q'] }), tool('status', reader)];
    expect(safeCall(tools)).toEqual({ name: 'status', arguments: {} });
  });

  it('is none that may change something, needed arguments or not', () => {
    expect(safeCall([tool('wipe'), tool('drop', { annotations: { readOnlyHint: false } })])).toBeNull();
    expect(safeCall([])).toBeNull();
  });
});
