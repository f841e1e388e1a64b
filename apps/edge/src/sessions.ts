import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { leaseSessionKeys, SessionKeys } from '@gatehouse/contracts';
import type { Bus, TransportKey } from '@gatehouse/bus';

const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Longest session id that an upstream may give: what we hand out must still fit a header. */
const LONGEST = 2_048;
const SESSION_ID = /^([\da-f]+)-((?:[\da-f]{2})+)$/;

/**
 * MCP sessions without a store: what the client holds as `Mcp-Session-Id` is the upstream's own id, sealed
 * (AES-256-GCM) together with the principal and the server it belongs to. Any edge can open it; nobody else's
 * token, client or server can use it. Written in hexadecimal: some clients and proxies fold the case of headers.
 */
export class Sessions {
  private constructor(private readonly keys: ReadonlyMap<string, Buffer>) {}

  /** Fetches the keys, which are the same for every edge, from the vault. */
  static async open(bus: Bus, key: TransportKey): Promise<Sessions> {
    const reply = await bus.request(leaseSessionKeys, { recipient: key.publicJwk });
    const { keys } = await key.open(reply.sealed, SessionKeys);
    return new Sessions(new Map(keys.map(({ id, key: text }) => [hex(id), Buffer.from(text, 'base64url')])));
  }

  /** @returns null if the upstream's id is too long to be passed on */
  seal(upstreamId: string, principal: string, server: string): string | null {
    if (upstreamId.length > LONGEST) return null;
    const [newest] = this.keys;
    if (!newest) throw new Error('there is no session key');
    const [keyId, key] = newest;
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key, iv);
    cipher.setAAD(binding(principal, server));
    const sealed = Buffer.concat([
      iv,
      cipher.update(upstreamId, 'utf8'),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    return `${keyId}-${sealed.toString('hex')}`;
  }

  /** @returns the upstream's id, or null for anything that is not a session of this principal on this server */
  unseal(sessionId: string, principal: string, server: string): string | null {
    const [, keyId, text] = SESSION_ID.exec(sessionId) ?? [];
    const key = this.keys.get(keyId ?? '');
    const sealed = Buffer.from(text ?? '', 'hex');
    if (!key || sealed.length <= IV_BYTES + TAG_BYTES) return null;
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, IV_BYTES));
    decipher.setAAD(binding(principal, server));
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    try {
      return (
        decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
      );
    } catch {
      return null;
    }
  }
}

function binding(principal: string, server: string): Buffer {
  return Buffer.from(JSON.stringify([principal, server]));
}

function hex(text: string): string {
  return Buffer.from(text).toString('hex');
}
