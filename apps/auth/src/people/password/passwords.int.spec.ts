import { seal, TransportKey, type Bus } from '@gatehouse/bus';
import {
  addPerson as invitePerson,
  changePassword,
  changePerson,
  createPasswordLink,
  getAuthKey,
  PasswordLinkSecret,
} from '@gatehouse/contracts';
import { Browser, shown, signInHeadless } from '@gatehouse/testing';
import { addPerson, startAuth, type AuthServer } from '../../../test/auth-server.js';

const PASSWORD = 'quite long enough';

let server: AuthServer;
let bus: Bus;
let key: TransportKey;
beforeAll(async () => {
  server = await startAuth();
  bus = server.connect('console');
  key = await TransportKey.create();
}, 30_000);
afterAll(() => server?.close());

const signIn = (email: string, password: string) =>
  signInHeadless({ resource: server.resource(), metadata: server.metadata, email, password });
const linkOf = async (sealed: string) => {
  const { token } = await key.open(sealed, PasswordLinkSecret);
  return `${server.origin}/password?token=${token}`;
};
let count = 0;
async function invite() {
  const email = `invited-${++count}@example.com`;
  const invited = { tenant: 'demo', email, name: 'Invited', by: 'a test', recipient: key.publicJwk };
  const { person, sealed } = await bus.request(invitePerson, invited);
  return { email, person: person.id, link: await linkOf(sealed) };
}
const choose = async (link: string, Password = PASSWORD) => {
  const browser = new Browser();
  const page = shown(await browser.open(link));
  return shown(await browser.press(page, 'Save password', { values: { Password } }));
};
const status = async (link: string) => shown(await new Browser().open(link)).status;

describe('an invited person', () => {
  it('chooses a password by a link that works once, and signs in', async () => {
    const { email, link } = await invite();
    expect(link).toMatch(/token=gatehouse_password_[\w-]{43}$/);
    expect((await choose(link, 'too short')).status).toBe(422);
    expect((await choose(link)).status).toBe(200);
    expect(await status(link)).toBe(404);
    await expect(signIn(email, PASSWORD)).resolves.toBeDefined();
  });

  it('chooses one password, however many use the link at the same time', async () => {
    const { link } = await invite();
    const token = new URL(link).searchParams.get('token') ?? '';
    const answers = await Promise.all(
      Array.from({ length: 5 }, (_, i) =>
        fetch(`${server.origin}/password`, {
          method: 'POST',
          body: new URLSearchParams({ token, password: `${PASSWORD} ${i}` }),
        }),
      ),
    );
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 404, 404, 404, 404]);
  });

  it('is not let in by a link that is old, was replaced, or belongs to somebody suspended', async () => {
    const [old, replaced, suspended] = [await invite(), await invite(), await invite()];
    await server.sql("UPDATE password_link SET expires = now() - interval '1 s' WHERE person = $1", [
      old.person,
    ]);
    const again = { tenant: 'demo', person: replaced.person, by: 'a test', recipient: key.publicJwk };
    const { sealed } = await bus.request(createPasswordLink, again);
    await bus.request(changePerson, {
      tenant: 'demo',
      person: suspended.person,
      suspended: true,
      by: 'a test',
    });
    for (const { link } of [old, replaced, suspended]) expect(await status(link)).toBe(404);
    expect(await status(await linkOf(sealed))).toBe(200);
    expect(await server.sql('SELECT hash FROM password_link WHERE hash LIKE $1', ['gatehouse%'])).toEqual([]);
  });

  it('who has a password already loses what was signed in with it', async () => {
    const someone = await addPerson(server);
    const { client, refresh_token } = await signIn(someone.email, someone.password);
    const again = { tenant: 'demo', person: someone.id, by: 'a test', recipient: key.publicJwk };
    await choose(await linkOf((await bus.request(createPasswordLink, again)).sealed));
    await expect(client.refresh(refresh_token)).rejects.toThrow('invalid_grant');
    await expect(signIn(someone.email, someone.password)).rejects.toThrow();
  });

  it('is told the same of every link that does not work', async () => {
    const page = async (link: string) => shown(await new Browser().open(link)).html;
    const { link } = await invite();
    await choose(link);
    expect(await page(`${server.origin}/password?token=x`)).toBe(await page(link));
    expect(await page(`${server.origin}/password`)).toBe(await page(link));
  });
});

describe('a change of the password', () => {
  const change = async (person: string, current: string, next: string) => {
    const sealed = await seal({ current, next }, (await bus.request(getAuthKey, {})).key);
    return bus.request(changePassword, { tenant: 'demo', person, sealed });
  };

  it('needs the current one, and ends every sign-in made with it', async () => {
    const { id, email, password } = await addPerson(server);
    const { client, refresh_token } = await signIn(email, password);
    await expect(change(id, 'a wrong password', PASSWORD)).rejects.toMatchObject({
      code: 'auth.wrong_password',
    });
    await expect(client.refresh(refresh_token)).resolves.toBeDefined();
    await change(id, password, PASSWORD);
    await server.toldEndOf('subject', id);
    await expect(client.refresh(refresh_token)).rejects.toThrow('invalid_grant');
    await expect(signIn(email, PASSWORD)).resolves.toBeDefined();
  });

  it('cannot be used to guess the current one', async () => {
    const { id, password } = await addPerson(server);
    const codes = [];
    for (let tries = 0; tries < 11; tries += 1)
      codes.push(await change(id, `wrong ${tries}`, PASSWORD).catch(({ code }: { code: string }) => code));
    expect(codes).toEqual([...Array<string>(10).fill('auth.wrong_password'), 'limit.exceeded']);
    await expect(change(id, password, PASSWORD)).rejects.toMatchObject({ code: 'limit.exceeded' });
  });

  it('to one that is too short is refused', async () => {
    const { id, password } = await addPerson(server);
    await expect(change(id, password, 'short')).rejects.toMatchObject({ code: 'bus.bad_message' });
  });
});
