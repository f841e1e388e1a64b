import type { ServiceName } from '@gatehouse/contracts';

/** What the installation has for its services. */
export interface Installed {
  readonly publicUrl: string;
  readonly dataFolder: string;
  readonly natsUrls: Readonly<Record<string, string>>;
  readonly databaseUrls: Readonly<Record<string, string>>;
  readonly master: Readonly<Record<string, string>>;
  /** The file of the demo servers' manifests. */
  readonly manifests: string;
}

/** Secrets, and what is decided here: never taken over from the environment of whoever starts this. */
const OURS = /^(?:DATABASE_URL|NATS_URL|GATEHOUSE_(?:MASTER_KEY.*|PORT|HOST|ADMIN_.*))$/;

/** A service's environment: only what this one service may know. */
export function serviceEnvironment(name: ServiceName, installed: Installed): Record<string, string> {
  const environment: Record<string, string | undefined> = {
    GATEHOUSE_APPLY: name === 'policy' ? installed.manifests : undefined,
    GATEHOUSE_ALLOW_PRIVATE: '127.0.0.0/8,::1/128',
    ...Object.fromEntries(Object.entries(process.env).filter(([key]) => !OURS.test(key))),
    ...(name === 'auth' && administrator()),
    ...(name === 'vault' && installed.master),
    GATEHOUSE_PUBLIC_URL: installed.publicUrl,
    GATEHOUSE_DATA: installed.dataFolder,
    GATEHOUSE_PORT: '0',
    NATS_URL: installed.natsUrls[name],
    DATABASE_URL: installed.databaseUrls[name],
  };
  return Object.fromEntries(
    Object.entries(environment).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

function administrator(): Record<string, string | undefined> {
  const { GATEHOUSE_ADMIN_EMAIL, GATEHOUSE_ADMIN_PASSWORD } = process.env;
  return { GATEHOUSE_ADMIN_EMAIL, GATEHOUSE_ADMIN_PASSWORD };
}
