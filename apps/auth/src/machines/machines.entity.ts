import type { ServiceAccountRole } from '@gatehouse/contracts';
import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

@Entity({ name: 'service_account' })
export class ServiceAccountRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') tenant!: string;
  @Column('text') name!: string;
  @Column('text') description!: string;
  @Column('text', { array: true }) roles!: ServiceAccountRole[];
  @Column('boolean') suspended!: boolean;
  /** Rises whenever the account loses access: tokens of an earlier generation are dead. */
  @Column('integer', { default: 0 }) generation!: number;
  @CreateDateColumn({ type: 'timestamptz' }) created!: Date;
  @Column('timestamptz', { name: 'last_used', nullable: true }) lastUsed!: Date | null;
}

@Entity({ name: 'service_account_team' })
export class ServiceAccountTeamRow {
  @PrimaryColumn('text') tenant!: string;
  @PrimaryColumn('uuid') account!: string;
  @PrimaryColumn('text') team!: string;
}

/** An OAuth client that acts as a service account: as one of a tenant, at most. */
@Entity({ name: 'service_account_client' })
export class ServiceAccountClientRow {
  @PrimaryColumn('text') tenant!: string;
  @PrimaryColumn('text') client!: string;
  @Column('uuid') account!: string;
}

@Entity({ name: 'service_account_token' })
export class ServiceAccountTokenRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') tenant!: string;
  @Column('uuid') account!: string;
  /** SHA-256 of the token, base64url. */
  @Column('text') hash!: string;
  @Column('text') name!: string;
  @CreateDateColumn({ type: 'timestamptz' }) created!: Date;
  @Column('timestamptz') expires!: Date;
  @Column('timestamptz', { name: 'last_used', nullable: true }) lastUsed!: Date | null;
}
