import { BlockClient } from './block-client.handler.js';
import { ChangeClient } from './change-client.handler.js';
import { CreateClient } from './create-client.handler.js';
import { DeleteClient } from './delete-client.handler.js';
import { ListClients } from './list-clients.handler.js';
import { ShowClient } from './show-client.handler.js';

/** What administrators do with the clients of their tenant. */
export const CLIENT_HANDLERS = [
  CreateClient,
  ListClients,
  ShowClient,
  ChangeClient,
  DeleteClient,
  BlockClient,
];
