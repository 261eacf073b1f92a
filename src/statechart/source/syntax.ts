import type TypeScript from 'typescript';
import type { Compiler } from './load-typescript.ts';

/** The module that an import, a re-export or a `require` names. */
export const moduleOf = (ts: Compiler, node: TypeScript.Node): string => {
  for (let at = node; !ts.isSourceFile(at); at = at.parent) {
    if ((ts.isImportDeclaration(at) || ts.isExportDeclaration(at)) && at.moduleSpecifier !== undefined)
      return ts.isStringLiteral(at.moduleSpecifier) ? at.moduleSpecifier.text : '';
    const call = ts.isVariableDeclaration(at) ? at.initializer : undefined;
    if (call !== undefined && ts.isCallExpression(call)) {
      const [literal] = call.arguments;
      return literal !== undefined && ts.isStringLiteralLike(literal) ? literal.text : '';
    }
  }
  return '';
};

/** `Object.freeze(…)` and XState's `createStateConfig(…)` give what they are given. */
export const givesBack = (
  ts: Compiler,
  { expression, arguments: given }: TypeScript.CallExpression,
): boolean =>
  given.length === 1 &&
  ts.isPropertyAccessExpression(expression) &&
  (expression.name.text === 'createStateConfig' || expression.getText() === 'Object.freeze');
