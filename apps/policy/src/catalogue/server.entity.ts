import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { RemoteServer } from '../manifests/remote-server.js';

@Entity('server')
export class ServerRow {
  @PrimaryColumn('text')
  tenant!: string;

  @PrimaryColumn('text')
  name!: string;

  /** As applied, with `[secret]` in place of every secret. */
  @Column('jsonb')
  manifest!: RemoteServer;

  /** The catalogue's version that brought this server's last change. */
  @Column('integer')
  version!: number;

  @Column('timestamptz')
  created!: Date;

  @Column('timestamptz')
  updated!: Date;
}
