import { z } from 'zod';
import { callApi, gatehouseUrl } from './admin-api.js';
import { type Command, CommandError, parseArguments, print, say, UsageError } from './command.js';
import { signIn } from './sign-in/sign-in.js';
import { Unexpected } from './sign-in/unexpected.js';
import { walkFor } from './sign-in/walk.js';

const NewToken = z.object({ token: z.string(), id: z.string(), expires: z.string().nullable() });

export const createToken: Command = {
  summary: 'sign in and make a personal access token, or one of a service account',
  usage: [
    'Usage: gatehouse token create --name NAME [--service-account A] [--days D]',
    '                              [--email E --password P] [--json]',
    '',
    '  --name NAME     what the token is for',
    '  --service-account A   of this service account instead of yourself; for administrators',
    '  --days D        days until it expires (90; 365 at most)',
    '  --email, --password   sign in without a browser',
    '  --json          print {"token","id","expires"}',
    '',
    'Without --email and --password the browser opens for signing in. The token is shown this once.',
  ].join('\n'),

  async run(args) {
    const { values } = parseArguments({
      args,
      options: {
        name: { type: 'string' },
        'service-account': { type: 'string' },
        days: { type: 'string', default: '90' },
        email: { type: 'string' },
        password: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    const { name, days, email, password, 'service-account': account } = values;
    if (name === undefined) throw new UsageError('what is the token for? Give --name NAME');
    if (!/^\d{1,3}$/.test(days)) throw new UsageError('--days is a number from 1 to 365');
    const api = `${gatehouseUrl()}/api/v1`;
    const session = await signIn(api, walkFor(email, password), `${api}/me`).catch(explain);
    try {
      const body = { name, expiresInDays: Number(days) };
      const owner = account === undefined ? '/me' : `/service-accounts/${encodeURIComponent(account)}`;
      const made = NewToken.parse(
        await callApi(session.accessToken, { method: 'POST', path: `${owner}/tokens`, body }),
      );
      print(values.json ? JSON.stringify(made) : made.token);
      if (!values.json) say(`id ${made.id}, expires ${made.expires ?? 'never'}; it will not be shown again`);
    } finally {
      await session.end();
    }
    return 0;
  },
};

function explain(error: unknown): never {
  if (!(error instanceof Unexpected)) throw error;
  throw new CommandError(['signing in failed:', error.message, error.cure ?? ''].join(' ').trim());
}
