import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Something about access that a security officer would want to know of. */
@Entity({ name: 'security_event' })
export class SecurityEventRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') tenant!: string;
  @Column('timestamptz') time!: Date;
  /** `<noun>.<past>`, as in `refresh_token.replayed`. */
  @Column('text') kind!: string;
  /** The id of the person or service account concerned. */
  @Column('text', { nullable: true }) subject!: string | null;
  @Column('text', { nullable: true }) client!: string | null;
  /** Never a secret. */
  @Column('jsonb') detail!: object;
}
