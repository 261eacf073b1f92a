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

/** A line of a file. */
export interface FilePlace {
  /** From the root that was given, with forward slashes. */
  readonly path: string;
  /** From 1 on. */
  readonly line: number;
}

/** Where a node starts, comments before it left out. */
export const placeOfNode = (node: TypeScript.Node, root: string): FilePlace => {
  // Not imported, since bundlers put what stands for Node.js into a page.
  const { relative, sep } = process.getBuiltinModule('node:path');
  const file = node.getSourceFile();
  return {
    path: relative(root, file.fileName).split(sep).join('/'),
    line: file.getLineAndCharacterOfPosition(node.getStart(file, false)).line + 1,
  };
};
