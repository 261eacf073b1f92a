import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** What stands for a part of a line that only a run knows. */
export const placeholder = '<>';

/** Errors whose message becomes a line of its own, and which argument of theirs it is. */
const errors: Readonly<Record<string, number>> = {
  BackupRefused: 0,
  ChartTooLarge: 0,
  CredentialsRefused: 0,
  EtcdListenFailed: 0,
  HttpListenFailed: 1,
  JoinRefused: 0,
  LaterFormat: 0,
  ListenFailed: 0,
  ModelTestUnfit: 0,
  NoMachine: 0,
  NoStart: 0,
  NotWritable: 0,
  PackageMissing: 0,
  SamplesUnfit: 0,
  SecondProcess: 0,
  StartRefused: 0,
  StorageFailed: 0,
  StorageRefused: 1,
  UsageError: 0,
};

export interface PrintedLine {
  readonly text: string;
  /** For people: the file and line that print it. */
  readonly place: string;
}

/** The lines that the sources in `folders` make: messages of the errors above, and what is logged at level error. */
export const printedLines = (folders: readonly string[]): readonly PrintedLine[] =>
  linesMade(folders, (node) => {
    if (ts.isNewExpression(node)) {
      const name = node.expression.getText();
      return name in errors ? [node.arguments?.[errors[name]!]] : [];
    }
    if (!ts.isCallExpression(node)) return [];
    if (node.expression.kind === ts.SyntaxKind.SuperKeyword) {
      const base =
        ts.findAncestor(node, ts.isClassDeclaration)?.heritageClauses?.[0]?.types[0]?.getText() ?? '';
      return base in errors ? [node.arguments[errors[base]!]] : [];
    }
    return /(?:^|\.)#?log\.(?:error|fatal)$/.test(node.expression.getText()) ? [node.arguments[1]] : [];
  });

/** Why nodes refuse each other, as the sources in `folder` put it: by the house's names for functions and values that do. */
export const refusals = (folder: string): readonly PrintedLine[] =>
  linesMade([folder], (node) => {
    if (ts.isCallExpression(node) && node.expression.getText() === 'refuse') return node.arguments;
    if (ts.isPropertyAssignment(node) || ts.isVariableDeclaration(node))
      return node.name.getText() === 'reason' ? [node.initializer] : [];
    if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return [];
    const name = (
      node.name ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name : undefined)
    )?.getText();
    return /(?:Words|Fault|faultOf|lackOf|unprovenIn)$/.test(name ?? '')
      ? expressionsReturned(node.body)
      : [];
  }).filter(({ text }) => /[a-z]+ [a-z]+/.test(text));

/** The codes that are given as `error`. */
export const errorCodes = (folder: string): readonly PrintedLine[] =>
  linesMade([folder], (node) =>
    ts.isPropertyAssignment(node) && node.name.getText() === 'error' ? [node.initializer] : [],
  ).filter(({ text }) => /^[a-z_]+$/.test(text));

/** Of all nodes of the syntax: the texts of the expressions that `expressions` names. */
const linesMade = (
  folders: readonly string[],
  expressions: (node: ts.Node) => readonly (ts.Expression | undefined)[],
): readonly PrintedLine[] =>
  folders.flatMap(sourcesIn).flatMap((path) => {
    const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
    return nodesIn(source).flatMap((node) => {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      const texts = expressions(node).flatMap((each) => (each === undefined ? [] : textsOf(each)));
      return [...new Set(texts)]
        .filter((text) => /[a-z]/.test(text))
        .map((text) => ({ text, place: `${path}:${line + 1}` }));
    });
  });

const sourcesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));

const nodesIn = (node: ts.Node): readonly ts.Node[] => {
  const found: ts.Node[] = [];
  const visit = (each: ts.Node): void => {
    found.push(each);
    ts.forEachChild(each, visit);
  };
  visit(node);
  return found;
};

/** What `expression` can be, as far as the text of its file says. */
const textsOf = (expression: ts.Expression, depth = 0): readonly string[] => {
  if (ts.isStringLiteralLike(expression)) return [expression.text];
  if (ts.isParenthesizedExpression(expression) || ts.isAwaitExpression(expression))
    return textsOf(expression.expression, depth);
  if (ts.isConditionalExpression(expression))
    return [expression.whenTrue, expression.whenFalse].flatMap((each) => textsOf(each, depth));
  if (ts.isBinaryExpression(expression) && expression.operatorToken.kind === ts.SyntaxKind.PlusToken)
    return joined([textsOf(expression.left, depth), textsOf(expression.right, depth)]);
  if (ts.isTemplateExpression(expression)) {
    return joined([
      [expression.head.text],
      ...expression.templateSpans.flatMap((span) => [
        inTemplate(span.expression, depth),
        [span.literal.text],
      ]),
    ]);
  }
  if (depth > 2) return [placeholder];
  if (ts.isCallExpression(expression)) return returnedBy(expression, depth);
  if (ts.isIdentifier(expression)) return valuesOf(expression, depth);
  return [placeholder];
};

/** A name inside a sentence stays a placeholder; a part that has a word or two of ours is told apart. */
const inTemplate = (expression: ts.Expression, depth: number): readonly string[] => {
  const texts = textsOf(expression, depth + 1);
  return texts.every((text) => text === placeholder) ? [placeholder] : texts;
};

const joined = (parts: readonly (readonly string[])[]): readonly string[] =>
  parts.reduce((left, right) => left.flatMap((start) => right.map((end) => start + end)), ['']);

const functionCalled = (name: string, source: ts.SourceFile): ts.FunctionLikeDeclaration | undefined => {
  for (const node of nodesIn(source)) {
    if (ts.isFunctionDeclaration(node) && node.name?.text === name) return node;
    if (ts.isVariableDeclaration(node) && node.name.getText() === name && node.initializer !== undefined)
      if (ts.isArrowFunction(node.initializer)) return node.initializer;
  }
  return undefined;
};

/** Of a function in the same file: what it returns. */
const returnedBy = (call: ts.CallExpression, depth: number): readonly string[] => {
  const called = functionCalled(call.expression.getText(), call.getSourceFile());
  if (called?.body === undefined) return [placeholder];
  return expressionsReturned(called.body).flatMap((each) => textsOf(each, depth + 1));
};

const expressionsReturned = (body: ts.ConciseBody): readonly ts.Expression[] =>
  ts.isBlock(body)
    ? nodesIn(body)
        .filter((node) => ts.isReturnStatement(node))
        .flatMap(({ expression }) => expression ?? [])
    : [body];

/** Of a name: what it is declared as, or what is handed over for it. */
const valuesOf = (name: ts.Identifier, depth: number): readonly string[] => {
  for (let at: ts.Node = name.parent; !ts.isSourceFile(at); at = at.parent) {
    if (ts.isBlock(at)) {
      const declared = at.statements
        .filter((each) => ts.isVariableStatement(each))
        .flatMap((each) => each.declarationList.declarations)
        .find((each) => each.name.getText() === name.text);
      if (declared !== undefined)
        return declared.initializer === undefined ? [placeholder] : textsOf(declared.initializer, depth + 1);
    }
    if (!ts.isFunctionLike(at)) continue;
    const position = at.parameters.findIndex((each) => each.name.getText() === name.text);
    if (position === -1) continue;
    const own = at;
    const handed = nodesIn(name.getSourceFile())
      .filter((node) => ts.isCallExpression(node))
      .filter(({ expression }) => functionCalled(expression.getText(), name.getSourceFile()) === own)
      .map((call) => call.arguments[position] ?? own.parameters[position]?.initializer)
      .flatMap((each) => (each === undefined ? [] : textsOf(each, depth + 1)));
    return handed.length === 0 ? [placeholder] : handed;
  }
  return [placeholder];
};
