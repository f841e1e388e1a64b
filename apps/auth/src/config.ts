import { Name } from '@gatehouse/contracts';
import { publicOrigin, secret } from '@gatehouse/runtime';
import { z } from 'zod';

const Settings = z.object({
  /** What users see; the issuer. Every address in metadata and redirects comes from it alone. */
  GATEHOUSE_PUBLIC_URL: publicOrigin(),
  DATABASE_URL: secret(),
  /** The first tenant, made if missing. */
  GATEHOUSE_TENANT: Name.default('demo'),
  GATEHOUSE_ADMIN_EMAIL: z.email().toLowerCase().optional(),
  GATEHOUSE_ADMIN_PASSWORD: secret().optional(),
  /** Lifetime of access tokens. */
  AUTH_ACCESS_TOKEN_SECONDS: z.coerce.number().int().min(5).max(3_600).default(600),
  /** Failed sign-ins that one address may make for one e-mail in 15 minutes. */
  AUTH_SIGN_IN_ATTEMPTS: z.coerce.number().int().min(1).default(10),
  /** Failed sign-ins that one address may make in 15 minutes, whatever the e-mail. */
  AUTH_SIGN_IN_ATTEMPTS_PER_ADDRESS: z.coerce.number().int().min(1).default(100),
  /** Clients that one address may register in an hour. Some clients register at every attempt. */
  AUTH_REGISTRATIONS_PER_ADDRESS: z.coerce.number().int().min(1).default(1_000),
  /** Reverse proxies in front, whose X-Forwarded-For is believed. */
  GATEHOUSE_TRUSTED_PROXIES: z.coerce.number().int().min(0).default(0),
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
