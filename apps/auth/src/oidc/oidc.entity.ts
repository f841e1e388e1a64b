import { Column, Entity, PrimaryColumn } from 'typeorm';

/** State of the authorization server: clients, grants, codes, refresh tokens, sessions, sign-ins under way. */
@Entity({ name: 'oidc_state' })
export class OidcStateRow {
  @PrimaryColumn('text') model!: string;
  /** SHA-256 of the value wherever the value is a secret. */
  @PrimaryColumn('text') id!: string;
  @Column('jsonb') payload!: object;
  @Column('text', { name: 'grant_id', nullable: true }) grantId!: string | null;
  @Column('text', { nullable: true }) uid!: string | null;
  /** Of a refresh token: the one that it replaced. */
  @Column('text', { nullable: true }) predecessor!: string | null;
  @Column('timestamptz', { name: 'expires_at' }) expiresAt!: Date;
  @Column('timestamptz', { name: 'consumed_at', nullable: true }) consumedAt!: Date | null;
}

/** One approval: this person lets this client act at this server, with these scopes, answering to this address. */
@Entity({ name: 'approval' })
export class ApprovalRow {
  @PrimaryColumn('text') tenant!: string;
  @PrimaryColumn('uuid') person!: string;
  @PrimaryColumn('text') client!: string;
  @PrimaryColumn('text') redirect!: string;
  @PrimaryColumn('text') resource!: string;
  @Column('uuid', { generated: 'uuid' }) id!: string;
  @Column('text', { array: true }) scopes!: string[];
  @Column('timestamptz') approved!: Date;
}
