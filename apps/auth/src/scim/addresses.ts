import { Injectable } from '@nestjs/common';
import { Provider } from 'oidc-provider';
import type { ScimClient } from './admission.guard.js';

/** Where SCIM's resources are: under the public origin, never under what a request says of itself. */
@Injectable()
export class ScimAddresses {
  constructor(private readonly provider: Provider) {}

  of({ tenant }: ScimClient, path: string): string {
    return `${this.provider.issuer}/scim/v2/${tenant}/${path}`;
  }
}
