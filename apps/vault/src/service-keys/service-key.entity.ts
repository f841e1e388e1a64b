import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Keys which another service works with, made and kept by the vault. `record` is made by the Barrier. */
@Entity('service_key')
export class ServiceKey {
  @PrimaryColumn('text')
  kind!: string;

  @Column('bytea')
  record!: Buffer;
}
