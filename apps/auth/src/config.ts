import { Name } from '@gatehouse/contracts';
import { secret } from '@gatehouse/runtime';
import { z } from 'zod';

/** An origin: scheme, host and port, with no path and no trailing slash. Clients compare issuers character by character. */
const Origin = z.string().refine((value) => URL.parse(value)?.origin === value, {
  message: 'must be an origin such as https://gate.example.com: no path, no trailing slash',
});

export const Config = z.object({
  /** What users see; the issuer. Every address in metadata and redirects comes from it alone. */
  GATEHOUSE_PUBLIC_URL: Origin,
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
export type Config = z.output<typeof Config>;
