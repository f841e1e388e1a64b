import type { AccessChange, AccessManifest } from '@gatehouse/contracts';

/** All that is applied together. */
export interface Scope {
  readonly tenant: string;
  /** Who asked for it, for the security events. */
  readonly by: string;
  readonly manifests: readonly AccessManifest[];
}

export interface Judged {
  readonly change: AccessChange;
  /** What speaks against the document, as `<path>: <fault>`; never a secret. */
  readonly fault: string | null;
}

/** One kind of manifest. */
export interface AccessKind<Manifest extends AccessManifest> {
  /** What applying a manifest would do, beside the others of its scope. Writes nothing. */
  judge(scope: Scope, manifest: Manifest): Promise<Judged>;
  /** Puts manifests into force. Applied once more, they change nothing. */
  apply(scope: Scope, manifests: readonly Manifest[]): Promise<void>;
}
