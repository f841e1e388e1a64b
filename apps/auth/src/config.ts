import { Name } from '@gatehouse/contracts';
import { allowPrivate } from '@gatehouse/outbound';
import { publicOrigin, secret } from '@gatehouse/runtime';
import { z } from 'zod';

const Settings = z.object({
  GATEHOUSE_PUBLIC_URL: publicOrigin(),
  DATABASE_URL: secret(),
  GATEHOUSE_TENANT: Name.default('demo'),
  GATEHOUSE_ADMIN_EMAIL: z
    .email()
    .toLowerCase()
    .optional()
    .describe('E-mail of the first administrator, made if missing. Unset: a one-time setup link is printed.'),
  GATEHOUSE_ADMIN_PASSWORD: secret()
    .optional()
    .describe('Password of the first administrator; set together with the e-mail.'),
  AUTH_ACCESS_TOKEN_SECONDS: z.coerce
    .number()
    .int()
    .min(5)
    .max(3_600)
    .default(600)
    .describe('Lifetime of access tokens.'),
  AUTH_SERVICE_ACCOUNT_TOKEN_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .max(3_650)
    .default(365)
    .describe('Longest life, in days, that a token of a service account may be given.'),
  AUTH_SIGN_IN_ATTEMPTS: z.coerce
    .number()
    .int()
    .min(1)
    .default(10)
    .describe('Failed sign-ins that one address may make for one e-mail in 15 minutes.'),
  AUTH_SIGN_IN_ATTEMPTS_PER_ADDRESS: z.coerce
    .number()
    .int()
    .min(1)
    .default(100)
    .describe('Failed sign-ins that one address may make in 15 minutes, whatever the e-mail.'),
  AUTH_REGISTRATIONS_PER_ADDRESS: z.coerce
    .number()
    .int()
    .min(1)
    .default(1_000)
    .describe(
      'New clients that one address may bring in an hour, by registration or as a document. Some clients register at every attempt.',
    ),
  AUTH_UNUSED_CLIENTS: z.coerce
    .number()
    .int()
    .min(1)
    .default(10_000)
    .describe(
      'Clients that nobody has signed in with yet and that are kept; beyond, the oldest go. All go after a day.',
    ),
  AUTH_OUTBOUND_PROXY: z
    .url()
    .optional()
    .describe(
      'HTTP proxy, such as `http://proxy.internal:3128`, through which documents and keys of clients, issuers and identity providers are fetched. It then decides which addresses names may lead to.',
    ),
  AUTH_LOCAL_ACCOUNTS: z
    .enum(['tenant', 'on'])
    .default('tenant')
    .describe(
      "`on`: passwords are good although a tenant has switched local accounts off: the operator's way in when no identity provider works.",
    ),
  GATEHOUSE_ALLOW_PRIVATE: allowPrivate(),
  GATEHOUSE_TRUSTED_PROXIES: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .describe('How many reverse proxies stand in front, whose X-Forwarded-For is believed.'),
});
export const Config = Settings.refine(
  ({ GATEHOUSE_ADMIN_EMAIL: email, GATEHOUSE_ADMIN_PASSWORD: password }) =>
    (email === undefined) === (password === undefined),
  {
    path: ['GATEHOUSE_ADMIN_PASSWORD'],
    message: 'set both GATEHOUSE_ADMIN_EMAIL and GATEHOUSE_ADMIN_PASSWORD, or neither',
  },
);
export type Config = z.output<typeof Config>;
