export * from './bug.js';
export * from './bus.js';
export * from './bus-server.js';
export * from './handle.js';
export * from './memory-bus.js';
export * from './nats-bus.js';
export * from './permissions.js';
export * from './seal.js';
