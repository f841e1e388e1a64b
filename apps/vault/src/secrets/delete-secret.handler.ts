import { Handle } from '@gatehouse/bus';
import { deleteSecret } from '@gatehouse/contracts';
import { Secrets, type SecretPlace } from './secrets.js';

@Handle(deleteSecret)
export class DeleteSecret {
  constructor(private readonly secrets: Secrets) {}

  async handle(place: SecretPlace): Promise<Record<string, never>> {
    await this.secrets.delete(place);
    return {};
  }
}
