import { Server } from 'node:net';

/**
 * Preloaded into the demo servers: they listen on loopback only, whatever they ask for, and end when the process
 * that started them does.
 */
const listen = Server.prototype.listen;
Server.prototype.listen = function (this: Server, ...args: unknown[]): Server {
  const [port, ...rest] = args;
  const onLoopback = /^\d+$/.test(String(port)) ? [Number(port), '127.0.0.1', ...rest] : args;
  return Reflect.apply(listen, this, onLoopback) as Server;
};

process.stdin.on('end', () => process.exit(0)).resume();
