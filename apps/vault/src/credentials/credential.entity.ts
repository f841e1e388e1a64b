import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An upstream credential. `record` is made by the Barrier for the place that the primary key names. */
@Entity('credential')
export class Credential {
  @PrimaryColumn('text')
  tenant!: string;

  @PrimaryColumn('text')
  subject!: string;

  @PrimaryColumn('text')
  server!: string;

  @PrimaryColumn('text')
  kind!: string;

  /** What calls' records name it by; a new one with each new value. */
  @Column('uuid')
  id!: string;

  @Column('bytea')
  record!: Buffer;
}
