import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A secret that another service works with. `record` is made by the Barrier for the place that the primary key names. */
@Entity('secret')
export class SecretRow {
  @PrimaryColumn('text')
  tenant!: string;

  /** What it is for: see SecretKind. */
  @PrimaryColumn('text')
  kind!: string;

  @PrimaryColumn('text')
  name!: string;

  @Column('bytea')
  record!: Buffer;
}
