import { createPublicKey, sign, type KeyObject } from 'node:crypto';
import { ExternalSigningKey } from 'oidc-provider';
import type { SigningKeys } from './signing-keys.js';

/** The engine fixes its keys when it is made. This one stands for whichever of ours signs at the moment. */
export class EngineSigningKey extends ExternalSigningKey {
  constructor(private readonly keys: SigningKeys) {
    super();
  }

  override get kid(): string {
    return this.keys.kid;
  }

  override get alg(): string {
    return 'ES256';
  }

  override keyObject(): KeyObject {
    return createPublicKey(this.keys.privateKey(this.kid));
  }

  /** @param data the JWS signing input: its header names the key, which may have changed since */
  override sign(data: Uint8Array): Buffer {
    const [header = ''] = Buffer.from(data).toString().split('.', 1);
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string };
    return sign('sha256', data, { key: this.keys.privateKey(kid), dsaEncoding: 'ieee-p1363' });
  }
}
