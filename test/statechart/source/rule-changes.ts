import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { packageRoot } from '../../../src/cli/diagram/sources.ts';

/** One definition whose body is another. */
export interface RuleChange {
  readonly path: string;
  readonly name: string;
  /** From 1 on. */
  readonly line: number;
  /** A line of the changed text. */
  readonly written: string;
  /** The whole file with the change. */
  readonly text: string;
}

/** What the charts are made of. */
export const chartFiles = (root = packageRoot()): readonly string[] =>
  ['machines', 'machines/raft', 'src/raft'].flatMap((folder) =>
    readdirSync(join(root, folder), { withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map(({ name }) => `${folder}/${name}`),
  );

/** Copies what the charts are made of, with what it takes to load them. */
export const copyCharts = (folder: string): void => {
  for (const path of [...chartFiles(), 'package.json', 'tsconfig.json']) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(packageRoot(), path), join(folder, path));
  }
  symlinkSync(join(packageRoot(), 'node_modules'), join(folder, 'node_modules'));
};

const written = "throw new Error('another body');";

/** A change for each function of a file and each function in its tables, and for each number or string that a constant holds. */
export const ruleChanges = (root: string, path: string): readonly RuleChange[] => {
  const text = readFileSync(join(root, path), 'utf8');
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
  const changes: RuleChange[] = [];
  const replace = (name: string, node: ts.Node, by: string) =>
    changes.push({
      path,
      name,
      line: file.getLineAndCharacterOfPosition(node.getStart()).line + 1,
      written: by.split('\n').find((line) => line.includes('another')) ?? by,
      text: text.slice(0, node.getStart()) + by + text.slice(node.end),
    });
  const change = (name: string, value: ts.Node): void => {
    if (isFunction(value)) replace(name, value.body!, `{\n  ${written}\n}`);
    else if (ts.isAsExpression(value) || ts.isSatisfiesExpression(value)) change(name, value.expression);
    else if (ts.isObjectLiteralExpression(value)) {
      for (const entry of value.properties) {
        if (ts.isMethodDeclaration(entry)) replace(entry.name.getText(), entry.body!, `{\n  ${written}\n}`);
        else if (ts.isPropertyAssignment(entry)) changeEntry(entry);
      }
    } else if (ts.isNumericLiteral(value)) replace(name, value, `${Number(value.text) + 1}`);
    else if (ts.isStringLiteral(value)) replace(name, value, `'another text'`);
  };
  const changeEntry = (entry: ts.PropertyAssignment) => {
    const { name, initializer } = entry;
    if (ts.isObjectLiteralExpression(initializer) || isFunction(initializer))
      change(name.getText(), initializer);
    else if (!ts.isStringLiteral(initializer) && !ts.isNumericLiteral(initializer))
      replace(name.getText(), initializer, `() => {\n  ${written}\n}`);
  };
  /** The tables of `setup({ guards: { … } })` and the like. */
  const visitCalls = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const callee = node.expression;
      const made = ts.isPropertyAccessExpression(callee) ? callee.name.text : callee.getText();
      const [first] = node.arguments;
      if (
        (made === 'setup' || made === 'extend') &&
        first !== undefined &&
        ts.isObjectLiteralExpression(first)
      ) {
        for (const group of first.properties) {
          if (!ts.isPropertyAssignment(group) || group.name.getText() === 'types') continue;
          change(
            '',
            ts.isSatisfiesExpression(group.initializer) ? group.initializer.expression : group.initializer,
          );
        }
      }
    }
    ts.forEachChild(node, visitCalls);
  };
  for (const statement of file.statements) {
    if (ts.isFunctionDeclaration(statement) && statement.body !== undefined)
      replace(statement.name!.text, statement.body, `{\n  ${written}\n}`);
    if (ts.isVariableStatement(statement)) {
      for (const { name, initializer } of statement.declarationList.declarations)
        if (initializer !== undefined) change(name.getText(), initializer);
    }
  }
  visitCalls(file);
  return changes;
};

const isFunction = (node: ts.Node): node is ts.ArrowFunction | ts.FunctionExpression =>
  ts.isArrowFunction(node) || ts.isFunctionExpression(node);

/** Writes the files of `folder` again, each as `rewrite` says. */
export const rewriteCharts = (folder: string, rewrite: (text: string, path: string) => string): void => {
  for (const path of chartFiles(folder)) {
    const full = join(folder, path);
    writeFileSync(full, rewrite(readFileSync(full, 'utf8'), path));
  }
};
