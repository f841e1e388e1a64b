import { readPage } from './read-page.js';

const PAGE = `<!doctype html><html><head><title>Sign in &amp; go</title><script>"<form>"</script></head><body>
<!-- <form action="/commented"></form> -->
<p class="fault" role="alert">The e-mail address or the <b>password</b> is&nbsp;wrong.</p>
<form method="POST" action="/interaction/1?a=1&amp;b=2">
  <input type="hidden" name="csrf" value="&quot;t&#x3e;k&#62;n&quot;">
  <label for=email>Email</label><input id="email" name='email' type="email" value="jane@x.test" />
  <label>Password <input name="password" type="password" autocomplete="current-password"></label>
  <input type="checkbox" name="remember" value="1"><input type="checkbox" name="terms" value="yes" checked>
  <input name="off" value="x" disabled>
  <button type="button" name="eye">Show</button>
  <button class="primary" name="act" value="in"><span>Sign</span> in</button>
  <input type="submit" name="act" value="Cancel">
</form>
<form action="/search"><input name="q" title="a > b"></form>
</body></html>`;

describe('a page', () => {
  const page = readPage(PAGE);
  const [signIn, search] = page.forms;

  it('is read for its title and for what it says went wrong', () => {
    expect(page.title).toBe('Sign in & go');
    expect(page.fault).toBe('The e-mail address or the password is wrong.');
    expect(readPage('<p>fine</p>')).toEqual({ title: '', fault: null, forms: [] });
  });

  it('is read for its forms, comments and scripts left out', () => {
    expect(page.forms).toHaveLength(2);
    expect(signIn).toMatchObject({ method: 'post', action: '/interaction/1?a=1&b=2' });
    expect(search).toMatchObject({ method: 'get', action: '/search', buttons: [] });
  });

  it('gives the fields that a browser would send, with their labels', () => {
    expect(signIn?.fields).toEqual([
      { name: 'csrf', type: 'hidden', value: '"t>k>n"', label: '' },
      { name: 'email', type: 'email', value: 'jane@x.test', label: 'Email' },
      { name: 'password', type: 'password', value: '', label: 'Password' },
      { name: 'terms', type: 'checkbox', value: 'yes', label: '' },
    ]);
    expect(search?.fields.map(({ name }) => name)).toEqual(['q']);
  });

  it('gives the buttons that send a form', () => {
    expect(signIn?.buttons).toEqual([
      { name: 'act', value: 'in', text: 'Sign in' },
      { name: 'act', value: 'Cancel', text: 'Cancel' },
    ]);
  });

  it('is read in reasonable time, whatever is sent', () => {
    const began = performance.now();
    readPage('<a b="'.repeat(2_000));
    readPage('<input '.repeat(5_000));
    readPage('<form><label>'.repeat(1_000));
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
