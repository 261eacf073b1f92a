import type TypeScript from 'typescript';
import type { Compiler } from './load-typescript.ts';

type Node = TypeScript.Node;

/** Writes in place of a node what it stands for, by `write`; false leaves the node to the caller. */
export type Stand = (node: Node, write: (text: string) => void, writeNode: (node: Node) => void) => boolean;

/**
 * A node as one line of text that is the same for each way to write it: without format, comments, types, parentheses and quotes of
 * one kind or the other. `stand` is asked first for every node, so that names can be written as what they stand for.
 */
export const formOf = (ts: Compiler, root: Node, stand: Stand): string => {
  const parts: string[] = [];
  const write = (text: string) => {
    parts.push(text);
  };
  const visit = (node: Node): void => {
    const inner = unwrapped(ts, node);
    if (isWithoutEffect(ts, inner) || stand(inner, write, visit)) return;
    if (isKey(ts, inner)) {
      write(`.${inner.text}`);
      return;
    }
    write(`(${kindOf(ts, inner)}${tokenOf(ts, inner)}`);
    ts.forEachChild(inner, (child) => {
      if (isWithoutEffect(ts, child)) return;
      write(labelOf(inner, child));
      visit(child);
    });
    write(')');
  };
  visit(root);
  return parts.join(' ');
};

/** The same without parentheses and types around it, and without the braces around one statement. */
const unwrapped = (ts: Compiler, node: Node): Node => {
  let at = node;
  for (;;) {
    if (
      ts.isParenthesizedExpression(at) ||
      ts.isAsExpression(at) ||
      ts.isSatisfiesExpression(at) ||
      ts.isNonNullExpression(at) ||
      ts.isTypeAssertionExpression(at)
    ) {
      at = at.expression;
    } else if (
      ts.isExpressionWithTypeArguments(at) &&
      at.typeArguments !== undefined &&
      !ts.isHeritageClause(at.parent)
    ) {
      at = at.expression;
    } else if (
      ts.isBlock(at) &&
      isBranch(ts, at) &&
      at.statements.length === 1 &&
      !isScoped(ts, at.statements[0]!)
    ) {
      at = at.statements[0]!;
    } else return at;
  }
};

/** The body of an `if` or a loop, which needs no braces. */
const isBranch = (ts: Compiler, { parent }: Node): boolean =>
  ts.isIfStatement(parent) || ts.isIterationStatement(parent, false);

/** A statement that means something else without the braces around it. */
const isScoped = (ts: Compiler, node: Node): boolean =>
  ts.isIfStatement(node) ||
  ts.isFunctionDeclaration(node) ||
  ts.isClassDeclaration(node) ||
  (ts.isVariableStatement(node) && (node.declarationList.flags & ts.NodeFlags.BlockScoped) !== 0);

/** What the compiler drops, or what only separates. */
const isWithoutEffect = (ts: Compiler, node: Node): boolean => {
  if (ts.isExpressionWithTypeArguments(node)) return false;
  if (ts.isTypeNode(node) || ts.isTypeParameterDeclaration(node) || ts.isInterfaceDeclaration(node))
    return true;
  if (ts.isTypeAliasDeclaration(node) || ts.isEmptyStatement(node) || ts.isIndexSignatureDeclaration(node))
    return true;
  if (ts.isHeritageClause(node)) return node.token === ts.SyntaxKind.ImplementsKeyword;
  if (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isConstructorDeclaration(node))
    return node.body === undefined;
  if (ts.isParameter(node)) return ts.isIdentifier(node.name) && node.name.text === 'this';
  if (ts.isJsxText(node)) return node.containsOnlyTriviaWhiteSpaces;
  if (ts.isModifier(node)) return !hasEffect(ts, node);
  return isSeparator(ts, node);
};

const isSeparator = ({ SyntaxKind }: Compiler, { kind }: Node): boolean =>
  kind === SyntaxKind.QuestionToken ||
  kind === SyntaxKind.ColonToken ||
  kind === SyntaxKind.ExclamationToken ||
  kind === SyntaxKind.EqualsGreaterThanToken ||
  kind === SyntaxKind.EndOfFileToken;

const hasEffect = (ts: Compiler, { kind }: TypeScript.Modifier): boolean =>
  kind === ts.SyntaxKind.AsyncKeyword ||
  kind === ts.SyntaxKind.StaticKeyword ||
  kind === ts.SyntaxKind.AccessorKeyword;

/** `a`, `'a'` or `"a"` before a colon. */
const isKey = (ts: Compiler, node: Node): node is TypeScript.Identifier | TypeScript.StringLiteral =>
  (ts.isIdentifier(node) || ts.isStringLiteral(node)) &&
  (ts.isObjectLiteralElement(node.parent) ||
    ts.isClassElement(node.parent) ||
    ts.isEnumMember(node.parent)) &&
  node.parent.name === node;

/** Strings in quotes of any kind are one kind. */
const kindOf = (ts: Compiler, node: Node): number =>
  ts.isStringLiteralLike(node) ? ts.SyntaxKind.StringLiteral : node.kind;

/** What a node says beside its children. */
const tokenOf = (ts: Compiler, node: Node): string => {
  if (ts.isStringLiteralLike(node)) return ` ${JSON.stringify(node.text)}`;
  if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) return ` ${node.text}`;
  if (ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node))
    return ` ${JSON.stringify(node.text)}${JSON.stringify(node.rawText)}`;
  if (ts.isJsxText(node)) return ` ${JSON.stringify(node.text.trim().replace(/\s+/g, ' '))}`;
  if (ts.isLiteralExpression(node)) return ` ${node.text}`;
  if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) return ` ${node.operator}`;
  if (ts.isVariableDeclarationList(node)) return ` ${node.flags & ts.NodeFlags.BlockScoped}`;
  if (ts.isMetaProperty(node)) return ` ${node.keywordToken}`;
  return (node.flags & ts.NodeFlags.OptionalChain) === 0 ? '' : ' ?';
};

/** Which property of a node a child is: `for (;a;)` and `for (a;;)` have the same children. `nextContainer` is the binder's own. */
const labelOf = (node: Node, child: Node): string => {
  for (const key in node)
    if (node[key as keyof Node] === child && key !== 'parent' && key !== 'nextContainer') return `${key}:`;
  return '';
};
