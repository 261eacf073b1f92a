import type TypeScript from 'typescript';
import type { Compiler } from './load-typescript.ts';
import { machineParts } from './machine-parts.ts';
import type { Meaning, Names } from './names.ts';

/** The expression of the machine that a module exports under this name, or of the first one; null where the parser cannot see one. */
export const exportedMachine = (
  ts: Compiler,
  names: Names,
  file: TypeScript.SourceFile,
  exportName: string | undefined,
): TypeScript.Expression | null => {
  const expressionOf = (meaning: Meaning | null): TypeScript.Expression | null => {
    if (meaning?.kind !== 'declared') return null;
    return meaning.nodes.map((node) => names.valueOf(node)).find((value) => value !== null) ?? null;
  };
  if (exportName !== undefined)
    return expressionOf(names.exported(file, exportName)) ?? assigned(ts, file, exportName);
  const all = [...names.exportNames(file), 'default', 'module.exports'].map(
    (name) => expressionOf(names.exported(file, name)) ?? assigned(ts, file, name),
  );
  return all.find((each) => each !== null && machineParts(ts, names, each).config !== null) ?? null;
};

/** What a CommonJS module assigns to `module.exports` or to a property of its exports. */
const assigned = (ts: Compiler, file: TypeScript.SourceFile, name: string): TypeScript.Expression | null => {
  for (const statement of file.statements) {
    if (!ts.isExpressionStatement(statement) || !ts.isBinaryExpression(statement.expression)) continue;
    const { left, right } = statement.expression;
    const target = left.getText();
    if (target === `exports.${name}` || target === `module.exports.${name}`) return right;
    if (target === 'module.exports' && (name === 'default' || name === 'module.exports')) return right;
    if (target === 'module.exports' && ts.isObjectLiteralExpression(right)) {
      const entry = right.properties.find((each) => each.name?.getText() === name);
      if (entry !== undefined && ts.isPropertyAssignment(entry)) return entry.initializer;
      if (entry !== undefined && ts.isShorthandPropertyAssignment(entry)) return entry.name;
    }
  }
  return null;
};
