import { once } from 'node:events';
import { connect } from 'node:net';
import { connectNats } from '@gatehouse/bus';
import type { ServiceName } from '@gatehouse/contracts';
import { startNats, testDatabase } from '@gatehouse/testing';
import { dump } from '../test/sql.js';
import { MASTER_KEY, PUBLIC_URL, TestVault } from '../test/start-vault.js';

const PLANTED = 'planted "secret"/with+odd=characters&äöü';

/** The text in every shape in which it might slip through. */
function shapes(secret: string): string[] {
  const escaped = JSON.stringify(secret).slice(1, -1);
  return [secret, escaped].flatMap((text) => [
    text,
    [...text].reverse().join(''),
    encodeURIComponent(text),
    Buffer.from(text).toString('hex'),
    Buffer.from(text).toString('hex').toUpperCase(),
    ...base64Shapes(Buffer.from(text)),
  ]);
}

/** Base64 depends on where in a longer text the secret begins: what is the same wherever that is. */
function base64Shapes(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const inner = encoded.slice(before && 4, -4);
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

const shapesIn = (haystack: string, secret: string) =>
  shapes(secret).filter((shape) => haystack.includes(shape));

/** Hears all that passes a nats-server, by its text protocol. */
async function listenToAll(url: string): Promise<{ heard: () => string; close: () => void }> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  const heard = () => Buffer.concat(chunks).toString();
  await once(socket, 'data');
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    if (heard().endsWith('PING\r\n')) socket.write('PONG\r\n');
  });
  socket.write('CONNECT {"verbose":false}\r\nSUB > 1\r\nPING\r\n');
  while (!heard().includes('PONG')) await once(socket, 'data');
  return { heard, close: () => socket.destroy() };
}

describe('a stored credential', () => {
  const cleanUp: Array<() => unknown> = [];
  afterAll(async () => {
    for (const step of cleanUp.reverse()) await step();
  });

  it('is seen in no table, in no message on a real nats-server, and in no log', async () => {
    const database = await testDatabase('vault');
    cleanUp.push(() => database.drop());
    const nats = await startNats();
    cleanUp.push(() => nats.stop());
    const traffic = await listenToAll(nats.url);
    cleanUp.push(() => traffic.close());
    const connect = (service: ServiceName) => connectNats({ url: nats.url, service });
    const vault = await TestVault.start({ url: database.url, connect });
    cleanUp.push(() => vault.close());

    const token = await vault.token({ aud: `${PUBLIC_URL}/demo/mcp/github/server` });
    await vault.put('github', { Authorization: PLANTED });
    expect((await vault.lease('github', { token })).headers).toEqual({ Authorization: PLANTED });
    await expect(vault.lease('linear', { token })).rejects.toThrow();
    const { signing, cookies } = await vault.authKeys();

    const secrets = [
      PLANTED,
      token,
      MASTER_KEY,
      String(signing[0]?.['d']),
      ...cookies.map(({ secret }) => secret),
    ];
    const places = { tables: await dump(database.url), traffic: traffic.heard(), log: vault.log };
    expect(places.tables).toContain('github');
    expect(places.traffic).toContain('vault.credential.lease');
    expect(places.log).toContain('a lease was refused');
    for (const [place, text] of Object.entries(places))
      for (const secret of secrets)
        expect({ place, found: shapesIn(text, secret) }).toEqual({ place, found: [] });
  });

  it('would be found in any shape', () => {
    const text = JSON.stringify({ Authorization: PLANTED });
    const leaks = [
      PLANTED,
      text,
      Buffer.from(text).toString('hex'),
      Buffer.from(text).toString('base64'),
      Buffer.from(` ${PLANTED}`).toString('base64'),
      Buffer.from(`  ${PLANTED} `).toString('base64url'),
      encodeURIComponent(PLANTED),
    ];
    for (const leak of leaks) expect(shapesIn(`before ${leak} after`, PLANTED)).not.toEqual([]);
  });
});
