export * from './document-host.js';
export * from './nats.js';
export * from './browser.js';
export * from './identity-provider.js';
export * from './oauth-client.js';
export * from './postgres.js';
export * from './database-relay.js';
export * from './sign-in-load.js';
