import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A client, and where it is from: it registered itself, its id is the URL of its document, or an administrator made it. */
@Entity({ name: 'client' })
export class ClientRow {
  @PrimaryColumn('text') id!: string;
  @Column('text') source!: 'registration' | 'document' | 'administrator';
  /** Of an administrator's client: the only tenant whose servers it may use. Others belong to nobody. */
  @Column('text', { nullable: true }) tenant!: string | null;
  /** As RFC 7591 names the members. Of a secret, its SHA-256 only. */
  @Column('jsonb') metadata!: object;
  @Column('timestamptz') created!: Date;
  /** When it was last given tokens. */
  @Column('timestamptz', { name: 'last_used', nullable: true }) lastUsed!: Date | null;
  /** Of a document: when it was fetched, and until when it need not be fetched again. */
  @Column('timestamptz', { nullable: true }) fetched!: Date | null;
  @Column('timestamptz', { name: 'fresh_until', nullable: true }) freshUntil!: Date | null;
}

/** A client that nobody of a tenant may use. */
@Entity({ name: 'blocked_client' })
export class BlockedClientRow {
  @PrimaryColumn('text') tenant!: string;
  @PrimaryColumn('text') client!: string;
  @Column('timestamptz') blocked!: Date;
}
