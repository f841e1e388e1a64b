import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The single row that only the right master key opens. */
@Entity('key_check')
export class KeyCheck {
  @PrimaryColumn('int')
  id!: number;

  /** Of the master key: see fingerprint(). */
  @Column('text')
  fingerprint!: string;

  @Column('bytea')
  sealed!: Buffer;
}
