import { BlockClient, UnblockClient } from './block-client.endpoint.js';
import { ChangeClient } from './change-client.endpoint.js';
import { CreateClient } from './create-client.endpoint.js';
import { DeleteClient } from './delete-client.endpoint.js';
import { ListClients } from './list-clients.endpoint.js';
import { ShowClient } from './show-client.endpoint.js';

export const CLIENTS = [
  CreateClient,
  ListClients,
  ShowClient,
  ChangeClient,
  DeleteClient,
  BlockClient,
  UnblockClient,
];
