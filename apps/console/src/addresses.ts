/** The public addresses that follow from the configured origin, never from a request's headers. */
export class Addresses {
  /** @param origin without a trailing slash: the issuer of our tokens */
  constructor(readonly origin: string) {}

  /** The admin API as a protected resource (RFC 8707): the audience of its access tokens. */
  get resource(): string {
    return `${this.origin}/api/v1`;
  }

  /** Where the admin API's resource metadata (RFC 9728) is. */
  get resourceMetadata(): string {
    return `${this.origin}/.well-known/oauth-protected-resource/api/v1`;
  }
}
