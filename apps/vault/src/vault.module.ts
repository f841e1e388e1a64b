import type { DynamicModule } from '@nestjs/common';
import { Bus, TransportKey } from '@gatehouse/bus';
import { CompareCredential } from './credentials/compare-credential.handler.js';
import { Credentials } from './credentials/credentials.js';
import { DeleteCredential } from './credentials/delete-credential.handler.js';
import { LeaseAdmission } from './credentials/lease-admission.js';
import { LeaseCredential } from './credentials/lease-credential.handler.js';
import { PutCredential } from './credentials/put-credential.handler.js';
import { GetVaultKey } from './get-vault-key.handler.js';
import { DeleteSecret } from './secrets/delete-secret.handler.js';
import { LeaseSecret } from './secrets/lease-secret.handler.js';
import { PutSecret } from './secrets/put-secret.handler.js';
import { Secrets } from './secrets/secrets.js';
import { LeaseAuthKeys } from './service-keys/lease-auth-keys.handler.js';
import { LeaseSessionKeys } from './service-keys/lease-session-keys.handler.js';
import { RotateAuthKeys } from './service-keys/rotate-auth-keys.handler.js';
import { RotatingAuthKeys } from './service-keys/rotating-auth-keys.js';
import { ServiceKeys } from './service-keys/service-keys.js';

export interface VaultParts {
  bus: Bus;
  key: TransportKey;
  credentials: Credentials;
  secrets: Secrets;
  serviceKeys: ServiceKeys;
  authKeys: RotatingAuthKeys;
  admission: LeaseAdmission;
}

export class VaultModule {
  static with(parts: VaultParts): DynamicModule {
    const { bus, key, credentials, secrets, serviceKeys, authKeys, admission } = parts;
    return {
      module: VaultModule,
      controllers: [
        GetVaultKey,
        LeaseCredential,
        PutCredential,
        CompareCredential,
        DeleteCredential,
        PutSecret,
        LeaseSecret,
        DeleteSecret,
        LeaseAuthKeys,
        RotateAuthKeys,
        LeaseSessionKeys,
      ],
      providers: [
        { provide: Bus, useValue: bus },
        { provide: TransportKey, useValue: key },
        { provide: Credentials, useValue: credentials },
        { provide: Secrets, useValue: secrets },
        { provide: ServiceKeys, useValue: serviceKeys },
        { provide: RotatingAuthKeys, useValue: authKeys },
        { provide: LeaseAdmission, useValue: admission },
      ],
    };
  }
}
