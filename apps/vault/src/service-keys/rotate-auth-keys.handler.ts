import { Handle } from '@gatehouse/bus';
import { rotateAuthKeys } from '@gatehouse/contracts';
import { RotatingAuthKeys } from './rotating-auth-keys.js';

@Handle(rotateAuthKeys)
export class RotateAuthKeys {
  constructor(private readonly authKeys: RotatingAuthKeys) {}

  async handle(): Promise<{ kid: string; activeFrom: string }> {
    const [newest] = (await this.authKeys.rotateNow()).signing;
    if (!newest) throw new Error('there is no signing key after one was made');
    return { kid: newest.kid, activeFrom: new Date(newest.activeFrom).toISOString() };
  }
}
