import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An issuer whose JWTs a tenant believes. */
@Entity({ name: 'issuer' })
export class IssuerRow {
  /** What is issued on the word of this issuer carries it as its grant. */
  @PrimaryColumn('uuid') id!: string;
  @Column('text') tenant!: string;
  @Column('text') name!: string;
  /** The claim `iss`. */
  @Column('text') issuer!: string;
  /** As the administrator wrote it: the contract Issuer. */
  @Column('jsonb') registration!: object;
}

/** An assertion that is good once and was used. */
@Entity({ name: 'used_assertion' })
export class UsedAssertionRow {
  @PrimaryColumn('text') tenant!: string;
  /** SHA-256 of issuer and `jti`, base64url. */
  @PrimaryColumn('text') hash!: string;
  @Column('timestamptz') expires!: Date;
}
