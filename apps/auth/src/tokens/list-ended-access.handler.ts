import { Handle } from '@gatehouse/bus';
import { listEndedAccess } from '@gatehouse/contracts';
import { EndedAccess } from './ended-access.store.js';

@Handle(listEndedAccess)
export class ListEndedAccess {
  constructor(private readonly endedAccess: EndedAccess) {}

  async handle() {
    return { items: await this.endedAccess.list() };
  }
}
