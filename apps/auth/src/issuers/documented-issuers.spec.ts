import { readFileSync } from 'node:fs';
import { Issuer } from '@gatehouse/contracts';

const page = readFileSync(new URL('../../../../docs/machines.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/```json\n(.*?)```/gs)].map(
  ([, text]) => JSON.parse(text ?? '') as object,
);

it.each(examples)('docs/machines.md shows a registration that is taken: %j', (example) => {
  expect(Issuer.safeParse(example).error).toBeUndefined();
});
