const MAX_PARAMETERS = 3;
const MAX_DEPENDENCIES = 5;

/** 3 parameters for a function, 5 dependencies for a constructor. */
export const parameters = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: {
      parameters: '{{count}} parameters, 3 at most: pass one object whose fields have names.',
      dependencies:
        '{{count}} constructor dependencies, 5 at most: this class does two things. Give one of them its own class.',
    },
  },
  create(context) {
    const check = (node) => {
      if (node.parent.override) return; // the parent class decides
      const isConstructor = node.parent.type === 'MethodDefinition' && node.parent.kind === 'constructor';
      const count = node.params.length;
      if (count <= (isConstructor ? MAX_DEPENDENCIES : MAX_PARAMETERS)) return;
      const messageId = isConstructor ? 'dependencies' : 'parameters';
      context.report({ node, messageId, data: { count: String(count) } });
    };
    return {
      FunctionDeclaration: check,
      FunctionExpression: check,
      ArrowFunctionExpression: check,
      TSEmptyBodyFunctionExpression: check,
      TSDeclareFunction: check,
    };
  },
};
