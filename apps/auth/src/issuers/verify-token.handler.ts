import { Handle, TransportKey } from '@gatehouse/bus';
import { VerifyToken as Sealed, verifyToken } from '@gatehouse/contracts';
import { ownerOf } from '../tokens/token-owner.js';
import { IssuedTokens } from './issued-tokens.js';

@Handle(verifyToken)
export class VerifyToken {
  constructor(
    private readonly tokens: IssuedTokens,
    private readonly key: TransportKey,
  ) {}

  async handle({ sealed }: { sealed: string }) {
    const { tenant, token: jwt } = await this.key.open(sealed, Sealed);
    const { grant, holder, token, expires } = await this.tokens.verify(jwt, { tenant, use: 'bearer' });
    // A token that somebody else has signed administers nothing: it is exchanged for one of ours first.
    return { ...ownerOf(holder, { token, expires }), admin: false, roles: [], grant };
  }
}
