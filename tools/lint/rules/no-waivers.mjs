const WAIVER = /\b(eslint-(disable|enable)|@ts-(ignore|nocheck|expect-error)|istanbul ignore|c8 ignore)\b/;
const PROMISE = /\b(TODO|FIXME|XXX|HACK)\b/;

/** No comment switches a check off, and none promises work for later. */
export const noWaivers = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      waiver: 'Rules have no waivers: change the code, or change the rule for everyone in eslint.config.mjs.',
      promise: 'Do it now, or file an issue: a comment is not a place to keep work.',
    },
  },
  create(context) {
    return {
      Program() {
        for (const comment of context.sourceCode.getAllComments()) {
          if (WAIVER.test(comment.value)) context.report({ loc: comment.loc, messageId: 'waiver' });
          if (PROMISE.test(comment.value)) context.report({ loc: comment.loc, messageId: 'promise' });
        }
      },
    };
  },
};
