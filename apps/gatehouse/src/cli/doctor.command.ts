import { type Command, parseArguments, print, UsageError } from './command.js';
import { diagnose } from './doctor/diagnose.js';
import { showStep, StepReport, Stopped } from './doctor/step-report.js';
import { openLoopback } from './sign-in/loopback.js';
import { walkFor } from './sign-in/walk.js';

export const doctor: Command = {
  summary: 'sign in to an MCP server as a client would, and say which step fails',
  usage: [
    'Usage: gatehouse doctor URL [--email E --password P] [--json]',
    '',
    '  URL             the MCP server, as pasted into a client',
    '  --email, --password   sign in without a browser',
    '  --json          print {"url","ok","steps"}',
    '',
    'Works against any MCP server that asks for OAuth. Makes one harmless tools/call, and gives its tokens back.',
  ].join('\n'),

  async run(args) {
    const { values, positionals } = parseArguments({
      args,
      allowPositionals: true,
      options: {
        email: { type: 'string' },
        password: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    const [url, ...rest] = positionals;
    if (url === undefined || rest.length > 0 || !/^https?:\/\//i.test(url) || !URL.canParse(url))
      throw new UsageError('give one http or https URL: the one that is pasted into a client');
    const walk = walkFor(values.email, values.password);
    const report = new StepReport((result) => {
      if (!values.json) print(showStep(result));
    });
    const loopback = await openLoopback();
    try {
      await diagnose(report, url, { loopback, walk });
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
    } finally {
      loopback.close();
    }
    if (values.json) print(JSON.stringify({ url, ok: report.ok, steps: report.results }));
    return report.ok ? 0 : 1;
  },
};
