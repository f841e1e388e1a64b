import { CommandError, UsageError } from './command.js';
import { describeError } from './describe-error.js';

const TIMEOUT_MS = 60_000;

interface Problem {
  title?: string;
  detail?: string;
  code?: string;
}

interface ApiCall {
  method?: 'GET' | 'POST';
  /** Below `/api/v1`. */
  path: string;
  query?: Readonly<Record<string, string | undefined>>;
  body?: unknown;
}

/** Gatehouse's own address, from GATEHOUSE_URL. */
export function gatehouseUrl(): string {
  const url = process.env['GATEHOUSE_URL'] || 'http://127.0.0.1:8080';
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw new UsageError(`GATEHOUSE_URL is not a URL: ${JSON.stringify(url)}`);
  return url.replace(/\/+$/, '');
}

/** The personal access token of GATEHOUSE_TOKEN. */
export function gatehouseToken(): string {
  const token = process.env['GATEHOUSE_TOKEN'];
  if (!token) throw new UsageError('set GATEHOUSE_TOKEN: `gatehouse token create --name <name>` makes one');
  return token;
}

/**
 * Calls the admin API.
 *
 * @throws CommandError with the server's own words if it refuses, or saying that it cannot be reached
 */
export async function callApi(token: string, call: ApiCall): Promise<unknown> {
  const url = new URL(`${gatehouseUrl()}/api/v1${call.path}`);
  for (const [name, value] of Object.entries(call.query ?? {}))
    if (value !== undefined) url.searchParams.set(name, value);
  const response = await fetch(url, {
    method: call.method ?? 'GET',
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: {
      authorization: `Bearer ${token}`,
      ...(call.body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
  }).catch((error: unknown) => {
    throw new CommandError(
      `cannot reach ${url.origin}: ${describeError(error)}. Is Gatehouse running there, and is GATEHOUSE_URL right?`,
    );
  });
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer;
  throw new CommandError(refusal(response, answer as Problem | null));
}

function refusal(response: Response, problem: Problem | null): string {
  const said = problem?.detail ?? problem?.title ?? response.statusText;
  const code = problem?.code === undefined ? '' : ` (${problem.code})`;
  const hint = response.status === 401 ? ' Check GATEHOUSE_TOKEN.' : '';
  return `refused with ${response.status}: ${said}${code}${hint}`;
}
