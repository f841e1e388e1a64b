import { relative, sep } from 'node:path';

const SAYS_NOTHING = /^(commons?|utils?|utilit(y|ies)|helpers?|cores?|misc|shared|stuff)$/;
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;

/** Every file and folder is kebab-case and says what it does. */
export const names = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: {
      saysNothing:
        '`{{name}}` says nothing: name it after what it does (`barrier.ts`, `lease-credential.handler.ts`).',
      kebabCase: '`{{name}}` is not kebab-case: write it as in `lease-credential.handler.ts`.',
    },
  },
  create(context) {
    return {
      Program(node) {
        for (const name of relative(context.cwd, context.filename).split(sep)) {
          if (!KEBAB_CASE.test(name)) context.report({ node, messageId: 'kebabCase', data: { name } });
          else if (name.split(/[.-]/).some((word) => SAYS_NOTHING.test(word)))
            context.report({ node, messageId: 'saysNothing', data: { name } });
        }
      },
    };
  },
};
