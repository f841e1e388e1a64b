import { Server } from 'node:net';

/**
 * Preloaded into the demo servers: they listen on loopback only, whatever they ask for, and end when the process
 * that started them does.
 */
const { listen } = Server.prototype as { listen: (this: Server, ...args: unknown[]) => Server };
Server.prototype.listen = function (this: Server, ...args: unknown[]): Server {
  const [port, ...rest] = args;
  const onLoopback = /^\d+$/.test(String(port)) ? [Number(port), '127.0.0.1', ...rest] : args;
  return listen.apply(this, onLoopback);
};

process.stdin.on('end', () => process.exit(0)).resume();
