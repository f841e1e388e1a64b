import type { Browser, Place } from './browser.js';
import type { Form } from './read-page.js';
import { Unexpected } from './unexpected.js';

const MAX_PAGES = 8;

export interface Person {
  email: string;
  password: string;
}

/**
 * Signs in and approves on the server's own pages, up to the redirect back to the client.
 *
 * @throws Unexpected with the page's own words if it refuses, or if there is a page that cannot be walked
 */
export async function walkPages(browser: Browser, start: URL, person: Person): Promise<URL> {
  let place = await browser.open(start);
  let signedIn = false;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    if (place.callback) return place.callback;
    const { url, page } = place;
    const signIn = page.forms.find(isSignIn);
    const approval = page.forms.find((form) => approveButton(form));
    if (signIn && signedIn)
      throw new Unexpected(page.fault ?? 'the sign-in page again, without a word why', {
        cure: 'Check --email and --password.',
      });
    if (signIn) {
      place = await browser.submit(url, filled(signIn, person, { url, start }), signIn.buttons[0]);
      signedIn = true;
    } else if (approval) place = await browser.submit(url, approval, approveButton(approval));
    else throw strange(place);
  }
  throw new Unexpected(`no end after ${MAX_PAGES} pages`);
}

const isSignIn = (form: Form) => form.fields.some(({ type }) => type === 'password');

const approveButton = (form: Form) =>
  form.buttons.find(({ text }) => /^(approve|allow|accept|authori[sz]e)\b/i.test(text));

function filled(form: Form, person: Person, { url, start }: { url: URL; start: URL }): Form {
  const target = new URL(form.action || url.href, url);
  if (target.origin !== start.origin)
    throw new Unexpected(`a sign-in form of ${target.origin}`, {
      cure: 'The password is for the authorization server alone: sign in by the browser, without --email.',
    });
  const fields = form.fields.map((field) => {
    if (field.type === 'password') return { ...field, value: person.password };
    const asksWho = /e-?mail|user|login/i.test(`${field.type} ${field.name} ${field.label}`);
    return asksWho && field.type !== 'hidden' ? { ...field, value: person.email } : field;
  });
  return { ...form, fields };
}

function strange({ url, status, page }: Exclude<Place, { callback: URL }>): Unexpected {
  const said = page.fault ?? page.title;
  return new Unexpected(`status ${status} and a page "${said}" at ${url.origin}${url.pathname}`, {
    cure: 'Sign in by the browser, without --email and --password, to see that page.',
  });
}
