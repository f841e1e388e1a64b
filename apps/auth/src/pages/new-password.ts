import { html } from '@gatehouse/runtime';
import { z } from 'zod';
import { MIN_PASSWORD_LENGTH } from '../people/passwords.js';

/** A password as somebody chooses it; its faults are for that person to read. */
export const NewPassword = z
  .string()
  .min(MIN_PASSWORD_LENGTH, `Choose a password of ${MIN_PASSWORD_LENGTH} characters or more.`)
  .max(1_000, 'Choose a shorter password.');

/** Where it is typed. */
export const newPasswordBox = html`<label for="password">Password</label>
  <input
    id="password"
    name="password"
    type="password"
    autocomplete="new-password"
    minlength="${String(MIN_PASSWORD_LENGTH)}"
    required
  />`;
