import type { IdentityProvider } from '@gatehouse/contracts';
import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

/** An OpenID Connect provider by which the people of a tenant sign in. Its client secret is the vault's. */
@Entity({ name: 'identity_provider' })
export class IdentityProviderRow {
  @PrimaryColumn('text') tenant!: string;
  @PrimaryColumn('text') name!: string;
  /** The manifest, checked when it was written. */
  @Column('jsonb') settings!: IdentityProvider;
  @Column('boolean', { name: 'has_client_secret' }) hasClientSecret!: boolean;
  @CreateDateColumn({ type: 'timestamptz' }) created!: Date;
  @UpdateDateColumn({ type: 'timestamptz' }) updated!: Date;
}

/** Who a person is at a provider. `iss` and `sub` together name somebody for ever (OpenID Connect Core, section 5.7). */
@Entity({ name: 'person_identity' })
export class PersonIdentityRow {
  @PrimaryColumn('text') tenant!: string;
  @PrimaryColumn('text') provider!: string;
  @PrimaryColumn('text') issuer!: string;
  @PrimaryColumn('text') subject!: string;
  @Column('uuid') person!: string;
  @CreateDateColumn({ type: 'timestamptz' }) created!: Date;
}

/** A person who was sent to a provider and is awaited back. */
@Entity({ name: 'sso_sign_in' })
export class SsoSignInRow {
  /** SHA-256, base64url, of the secret in the browser's cookie. */
  @PrimaryColumn('text') id!: string;
  @Column('text') tenant!: string;
  @Column('text') provider!: string;
  @Column('text') interaction!: string;
  @Column('timestamptz') expires!: Date;
}

@Entity({ name: 'sign_in_setting' })
export class SignInSettingRow {
  @PrimaryColumn('text') tenant!: string;
  /** False: nobody of the tenant signs in by a password of ours. */
  @Column('boolean', { name: 'local_accounts' }) localAccounts!: boolean;
}
