import type TypeScript from 'typescript';
import type { Compiler } from './load-typescript.ts';
import type { Names } from './names.ts';

type Node = TypeScript.Node;

/** Whether the one stands inside the other. */
export const isInside = (node: Node, other: Node): boolean =>
  node !== other &&
  node.getSourceFile() === other.getSourceFile() &&
  node.pos >= other.pos &&
  node.end <= other.end;

/** The name that the declaration gives itself: it may be renamed. */
export const isOwnName = (ts: Compiler, node: TypeScript.Identifier, unit: Node): boolean =>
  node.parent === unit &&
  (ts.isVariableDeclaration(unit) ||
    ts.isFunctionDeclaration(unit) ||
    ts.isClassDeclaration(unit) ||
    ts.isEnumDeclaration(unit)) &&
  unit.name === node;

/** Whether it names a value, and is no key, label or declared name. */
export const isReference = (ts: Compiler, node: TypeScript.Identifier): boolean => {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isBindingElement(parent)) return parent.initializer === node;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  if (
    ts.isPropertyAssignment(parent) ||
    ts.isParameter(parent) ||
    ts.isVariableDeclaration(parent) ||
    ts.isEnumMember(parent) ||
    ts.isPropertyDeclaration(parent)
  )
    return parent.initializer === node;
  if (ts.isJsxOpeningLikeElement(parent) || ts.isJsxClosingElement(parent)) return !/^[a-z]/.test(node.text);
  if (
    ts.isLabeledStatement(parent) ||
    ts.isBreakOrContinueStatement(parent) ||
    ts.isJsxAttribute(parent) ||
    ts.isMetaProperty(parent)
  )
    return false;
  if (ts.isTypeNode(parent) && !ts.isExpressionWithTypeArguments(parent)) return false;
  return (
    !(ts.isFunctionLike(parent) && parent.name === node) && !(ts.isClassLike(parent) && parent.name === node)
  );
};

export const isImport = (
  ts: Compiler,
  { expression, arguments: given }: TypeScript.CallExpression,
): boolean =>
  given[0] !== undefined &&
  ts.isStringLiteralLike(given[0]) &&
  (expression.kind === ts.SyntaxKind.ImportKeyword ||
    (ts.isIdentifier(expression) && expression.text === 'require'));

/** Whether a table is gone through key by key: handed on as a whole, spread, or read by the key that a function is called with. */
export const isByKey = (ts: Compiler, name: TypeScript.Identifier, names: Names): boolean => {
  const { parent } = name;
  if (ts.isElementAccessExpression(parent) && parent.expression === name) {
    const key = parent.argumentExpression;
    if (!ts.isIdentifier(key)) return false;
    const meaning = names.meaningOf(key);
    return (
      meaning.kind === 'declared' &&
      meaning.nodes.every((node) => ts.findAncestor(node, ts.isParameter) !== undefined)
    );
  }
  return ts.isSpreadAssignment(parent) || (ts.isCallExpression(parent) && parent.arguments.includes(name));
};
