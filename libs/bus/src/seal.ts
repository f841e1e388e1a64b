import { Failure } from '@gatehouse/contracts';
import { compactDecrypt, CompactEncrypt, exportJWK, generateKeyPair, importJWK, type CryptoKey } from 'jose';
import { z } from 'zod';

const ALGORITHM = 'ECDH-ES';
const ENCRYPTION = 'A256GCM';
const CURVE = 'P-256';

/** Only what belongs to a public P-256 key (RFC 7518, section 6.2.1): what else a sender adds is not looked at. */
const RecipientJwk = z.object({ kty: z.literal('EC'), crv: z.literal(CURVE), x: z.string(), y: z.string() });
export type RecipientJwk = z.output<typeof RecipientJwk>;

const PrivateJwk = RecipientJwk.extend({ d: z.string() });

/** A key for secrets on the bus: one process's own, made at start and gone with it, or one that replicas share. */
export class TransportKey {
  private constructor(
    private readonly privateKey: CryptoKey,
    /** What senders seal to. */
    readonly publicJwk: RecipientJwk,
  ) {}

  static async create(): Promise<TransportKey> {
    const { privateKey, publicKey } = await generateKeyPair(ALGORITHM, { crv: CURVE, extractable: false });
    return new TransportKey(privateKey, RecipientJwk.parse(await exportJWK(publicKey)));
  }

  /** The key that all replicas of a service have: any of them may be given a request sealed to it. */
  static async from(jwk: unknown): Promise<TransportKey> {
    const key = PrivateJwk.parse(jwk);
    const privateKey = await importJWK(key, ALGORITHM, { extractable: false });
    return new TransportKey(privateKey, RecipientJwk.parse(key));
  }

  /**
   * Opens what {@link seal} sealed to this key.
   *
   * @throws Failure `bus.bad_message`, the same for every reason: another key, another algorithm, altered, or a
   * payload that does not fit `schema`
   */
  async open<Schema extends z.ZodType>(sealed: string, schema: Schema): Promise<z.output<Schema>> {
    try {
      const { plaintext } = await compactDecrypt(sealed, this.privateKey, {
        keyManagementAlgorithms: [ALGORITHM],
        contentEncryptionAlgorithms: [ENCRYPTION],
      });
      return schema.parse(JSON.parse(new TextDecoder().decode(plaintext)));
    } catch {
      // No cause: it could quote the content.
      throw new Failure('bus.bad_message', 'the sealed message cannot be opened');
    }
  }
}

/**
 * Seals a payload (JSON) to a recipient: a compact JWE (RFC 7516), ECDH-ES on P-256 with A256GCM.
 *
 * @throws Failure `bus.bad_message` if the recipient is no public P-256 key
 */
export async function seal(payload: unknown, recipient: unknown): Promise<string> {
  const key = await recipientKey(recipient);
  return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(payload)))
    .setProtectedHeader({ alg: ALGORITHM, enc: ENCRYPTION })
    .encrypt(key);
}

async function recipientKey(recipient: unknown): Promise<CryptoKey | Uint8Array> {
  try {
    return await importJWK(RecipientJwk.parse(recipient), ALGORITHM);
  } catch {
    throw new Failure('bus.bad_message', 'the recipient is not a public P-256 key');
  }
}
