import { connect, createServer, type AddressInfo } from 'node:net';
import { StartError } from '@gatehouse/runtime';

const TRIES = 150;
const AGAIN_MS = 100;

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Resolves when something on this machine accepts connections at a port; gives up after 15 s. */
export async function untilAccepting(port: number): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    if (await accepts(port)) return;
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
  throw new StartError(`nothing listens on port ${port}: see the lines above`);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(socket.destroy() !== undefined));
    socket.once('error', () => resolve(false));
  });
}
