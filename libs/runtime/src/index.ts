export * from './config.js';
export * from './html.js';
export * from './log.js';
export * from './secret.js';
export * from './service.js';
