import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A tenant's key, wrapped by the master key. The newest version seals; older ones still open. */
@Entity('tenant_key')
export class TenantKey {
  @PrimaryColumn('uuid')
  id!: string;

  /** Empty for the keys of Gatehouse's own services. */
  @Column('text')
  tenant!: string;

  @Column('int')
  version!: number;

  @Column('bytea')
  wrapped!: Buffer;
}
