import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

@Entity({ name: 'personal_access_token' })
export class PersonalAccessTokenRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') tenant!: string;
  @Column('uuid') person!: string;
  /** SHA-256 of the token, base64url. */
  @Column('text') hash!: string;
  @Column('text') name!: string;
  @CreateDateColumn({ type: 'timestamptz' }) created!: Date;
  @Column('timestamptz', { nullable: true }) expires!: Date | null;
  @Column('timestamptz', { name: 'last_used', nullable: true }) lastUsed!: Date | null;
  @Column('timestamptz', { nullable: true }) revoked!: Date | null;
}

/** Access that ended before its tokens did; see the contract AccessEnded. */
@Entity({ name: 'ended_access' })
export class EndedAccessRow {
  @PrimaryColumn('text') tenant!: string;
  @PrimaryColumn('text') kind!: 'subject' | 'grant' | 'client' | 'token';
  @PrimaryColumn('text') id!: string;
  @Column('integer') before!: number;
  @Column('integer', { nullable: true }) generation!: number | null;
  @Column('timestamptz') ended!: Date;
}
