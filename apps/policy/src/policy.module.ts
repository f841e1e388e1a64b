import type { DynamicModule } from '@nestjs/common';
import { TransportKey } from '@gatehouse/bus';
import { Database } from '@gatehouse/persistence';
import { Catalogue } from './catalogue/catalogue.js';
import { ApplyManifests } from './manifests/apply-manifests.handler.js';
import { GetPolicyKey } from './manifests/get-policy-key.handler.js';
import { Manifests } from './manifests/manifests.js';
import { CheckAccess } from './servers/check-access.handler.js';
import { DeleteServer } from './servers/delete-server.handler.js';
import { ListServers } from './servers/list-servers.handler.js';
import { GetSnapshot } from './snapshots/get-snapshot.handler.js';
import { ListSnapshots } from './snapshots/list-snapshots.handler.js';
import { Snapshots } from './snapshots/snapshots.js';
import { Versions } from './snapshots/versions.js';

export interface PolicyParts {
  database: Database;
  key: TransportKey;
  catalogue: Catalogue;
  manifests: Manifests;
  versions: Versions;
}

export class PolicyModule {
  static with({ database, key, catalogue, manifests, versions }: PolicyParts): DynamicModule {
    return {
      module: PolicyModule,
      controllers: [
        ListSnapshots,
        GetSnapshot,
        CheckAccess,
        ListServers,
        DeleteServer,
        GetPolicyKey,
        ApplyManifests,
      ],
      providers: [
        { provide: Database, useValue: database },
        { provide: TransportKey, useValue: key },
        { provide: Catalogue, useValue: catalogue },
        { provide: Manifests, useValue: manifests },
        { provide: Versions, useValue: versions },
        { provide: Snapshots, useValue: new Snapshots(database) },
      ],
    };
  }
}
