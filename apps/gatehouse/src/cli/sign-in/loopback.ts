import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sendPage, html } from '@gatehouse/runtime';

/** The redirect address of a native client (RFC 8252, section 7.3), listening on a free port of loopback. */
export interface Loopback {
  redirectUri: string;
  /** Resolves with the whole redirect, once it comes. */
  callback: Promise<URL>;
  close(): void;
}

export async function openLoopback(): Promise<Loopback> {
  const { promise: callback, resolve: arrived } = withResolvers<URL>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (url.pathname !== '/callback') return void response.writeHead(404).end();
    url.port = String(port);
    arrived(url);
    sendPage(response, { title: 'Back to the terminal', body: html`<h1>Back to the terminal</h1>` });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { redirectUri: `http://127.0.0.1:${port}/callback`, callback, close };
}

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}
