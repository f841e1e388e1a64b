import type { NextFunction, Request, Response } from 'express';
import { parseResource } from './resource.js';

const METADATA = '/.well-known/oauth-authorization-server';
const KIND = '/\\.well-known/(?:oauth-authorization-server|openid-configuration)';
const INSERTED = new RegExp(`^${KIND}(/[^?]+)`);
const APPENDED = new RegExp(`^(/[^?]+)${KIND}(?:\\?|$)`);

/**
 * Clients look for the metadata (RFC 8414, OpenID Connect Discovery) not only at the issuer's address but also at
 * those made from a server's own: with the well-known part before its path, or behind it. It is the same everywhere.
 * A server's door for keys has no such addresses: there clients would sign in instead of sending their key.
 */
export function answerDiscoveryEverywhere(origin: string) {
  return (request: Request, _response: Response, next: NextFunction): void => {
    const path = (INSERTED.exec(request.url) ?? APPENDED.exec(request.url))?.[1];
    // From a difference between the two the engine would conclude that it is mounted below that path.
    if (path !== undefined && parseResource(origin, origin + path))
      request.url = request.originalUrl = METADATA;
    next();
  };
}
