import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

@Entity({ name: 'tenant' })
export class TenantRow {
  @PrimaryColumn('text') name!: string;
}

@Entity({ name: 'person' })
export class PersonRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') tenant!: string;
  /** Lower case; unique in its tenant. */
  @Column('text') email!: string;
  @Column('text') name!: string;
  @Column('boolean') admin!: boolean;
  /** Argon2id in its own text form (PHC); null for a person who signs in elsewhere or not yet. */
  @Column('text', { name: 'password_hash', nullable: true }) passwordHash!: string | null;
  @Column('boolean') suspended!: boolean;
  /** Rises whenever the person loses access: tokens of an earlier generation are dead. */
  @Column('integer', { default: 0 }) generation!: number;
  /** The person's id in the system that provisions people (SCIM `externalId`). */
  @Column('text', { name: 'external_id', nullable: true }) externalId!: string | null;
  /** The SCIM user as it was last provisioned: those of its attributes that we keep. */
  @Column('jsonb', { nullable: true }) scim!: object | null;
  @CreateDateColumn({ type: 'timestamptz' }) created!: Date;
  @Column('timestamptz', { name: 'last_sign_in', nullable: true }) lastSignIn!: Date | null;
}

@Entity({ name: 'team' })
export class TeamRow {
  @PrimaryColumn('text') tenant!: string;
  @PrimaryColumn('text') name!: string;
  @Column('uuid', { generated: 'uuid' }) id!: string;
  /** The team's id in the system that provisions groups (SCIM `externalId`). */
  @Column('text', { name: 'external_id', nullable: true }) externalId!: string | null;
  @CreateDateColumn({ type: 'timestamptz' }) created!: Date;
}

@Entity({ name: 'team_member' })
export class TeamMemberRow {
  @PrimaryColumn('text') tenant!: string;
  @PrimaryColumn('text') team!: string;
  @PrimaryColumn('uuid') person!: string;
  /** Who keeps the membership; see MembershipSource. */
  @PrimaryColumn('text') source!: string;
}

/** A one-time link by which a tenant's first administrator is made. */
@Entity({ name: 'setup_link' })
export class SetupLinkRow {
  /** SHA-256 of the token, base64url. */
  @PrimaryColumn('text') hash!: string;
  @Column('text') tenant!: string;
  @Column('timestamptz') expires!: Date;
}

/** A one-time link by which a person chooses a password. */
@Entity({ name: 'password_link' })
export class PasswordLinkRow {
  /** SHA-256 of the token, base64url. */
  @PrimaryColumn('text') hash!: string;
  @Column('text') tenant!: string;
  @Column('uuid') person!: string;
  @Column('timestamptz') expires!: Date;
}
