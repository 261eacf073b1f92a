import type TypeScript from 'typescript';
import type { Compiler } from './load-typescript.ts';
import type { NamedKind } from './machine-sources.ts';
import type { Entry, Names } from './names.ts';

type Expression = TypeScript.Expression;

/** What an expression that makes a machine is made of. */
export interface MachineParts {
  /** Null if the parser cannot tell. */
  readonly config: Expression | null;
  readonly bound: readonly Bound[];
  /** The calls that put it together. */
  readonly calls: ReadonlySet<TypeScript.Node>;
}

/** What a name is bound to, or, with the name null, what may bind any name of this kind. */
export interface Bound {
  readonly kind: NamedKind;
  readonly name: string | null;
  /** The entry of the table, or the expression that computes it. */
  readonly node: Entry | Expression;
  /** The expression that makes the table out of other tables, if one does. */
  readonly table: Expression | null;
}

const kinds: Readonly<Record<string, NamedKind>> = {
  guards: 'guard',
  actions: 'action',
  delays: 'delay',
  actors: 'actor',
};

/** Follows `setup`, `extend`, `createMachine`, `provide` and functions of the project that call them. */
export const machineParts = (ts: Compiler, names: Names, expression: Expression): MachineParts => {
  const calls = new Set<TypeScript.Node>();

  const machineOf = (made: Expression, depth: number): Omit<MachineParts, 'calls'> => {
    const call = names.definitionOf(made);
    if (!ts.isCallExpression(call) || depth > 20) return unknown(made);
    calls.add(call);
    const [first, second] = call.arguments;
    const callee = names.bare(call.expression);
    if (
      ts.isPropertyAccessExpression(callee) &&
      callee.name.text === 'createMachine' &&
      names.foreignName(callee) === null
    ) {
      return { config: first ?? null, bound: [...setupOf(callee.expression, depth + 1), ...layerOf(second)] };
    }
    if (ts.isPropertyAccessExpression(callee) && callee.name.text === 'provide') {
      const base = machineOf(callee.expression, depth + 1);
      return { ...base, bound: [...base.bound, ...layerOf(first)] };
    }
    switch (names.foreignName(callee)) {
      case 'createMachine':
        return { config: first ?? null, bound: layerOf(second) };
      case 'createActor':
      case 'interpret':
      case 'useMachine':
        return first === undefined ? unknown(made) : machineOf(first, depth + 1);
      default: {
        const result = names.resultOf(call);
        return result === null ? unknown(made) : machineOf(result, depth + 1);
      }
    }
  };

  const setupOf = (made: Expression, depth: number): readonly Bound[] => {
    const call = names.definitionOf(made);
    if (!ts.isCallExpression(call) || depth > 20) return anyNames(made);
    calls.add(call);
    const callee = names.bare(call.expression);
    if (names.foreignName(callee) === 'setup') return layerOf(call.arguments[0]);
    if (ts.isPropertyAccessExpression(callee) && callee.name.text === 'extend')
      return [...setupOf(callee.expression, depth + 1), ...layerOf(call.arguments[0])];
    const result = names.resultOf(call);
    return result === null ? anyNames(made) : setupOf(result, depth + 1);
  };

  const layerOf = (given: Expression | undefined): readonly Bound[] => {
    if (given === undefined) return [];
    const literal = names.definitionOf(given);
    if (!ts.isObjectLiteralExpression(literal)) return anyNames(given);
    return Object.entries(kinds).flatMap(([group, kind]) => {
      const entry = names.entryOf(literal, group);
      if (entry === null) return [];
      if (entry === 'unknown') return [{ kind, name: null, node: literal, table: null }];
      const table = names.valueOf(entry);
      return table === null ? [{ kind, name: null, node: entry, table: null }] : tableOf(kind, table, 0);
    });
  };

  /** The entries of a table, in order: a later one of the same name wins. */
  const tableOf = (kind: NamedKind, table: Expression, depth: number): readonly Bound[] => {
    const literal = names.definitionOf(table);
    if (ts.isObjectLiteralExpression(literal)) {
      return literal.properties.flatMap((entry): readonly Bound[] => {
        if (ts.isSpreadAssignment(entry)) return tableOf(kind, entry.expression, depth + 1);
        return [{ kind, name: names.keyOf(entry), node: entry, table: null }];
      });
    }
    if (!ts.isCallExpression(literal) || depth > 20) return [{ kind, name: null, node: table, table: null }];
    if (isAssign(literal)) return literal.arguments.flatMap((each) => tableOf(kind, each, depth + 1));
    const result = names.resultOf(literal);
    if (result !== null && ts.isObjectLiteralExpression(names.bare(result)))
      return tableOf(kind, result, depth + 1);
    const keys = keysWithin(literal);
    if (keys.length === 0) return [{ kind, name: null, node: literal, table: null }];
    return keys.map(({ name, entry }) => ({ kind, name, node: entry, table: literal }));
  };

  /** The entries of the tables that an expression is computed from. */
  const keysWithin = (computed: Expression): readonly { readonly name: string; readonly entry: Entry }[] => {
    const found = new Map<string, Entry>();
    const seen = new Set<TypeScript.Node>();
    const visit = (node: TypeScript.Node): void => {
      if (ts.isIdentifier(node) && ts.isExpression(node)) {
        const literal = names.definitionOf(node);
        if (seen.has(literal)) return;
        seen.add(literal);
        if (ts.isObjectLiteralExpression(literal)) addKeys(literal);
        else if (ts.isCallExpression(literal)) visit(literal);
        return;
      }
      if (ts.isObjectLiteralExpression(node)) addKeys(node);
      else if (!ts.isTypeNode(node)) ts.forEachChild(node, visit);
    };
    const addKeys = (literal: TypeScript.ObjectLiteralExpression) => {
      for (const entry of literal.properties) {
        if (ts.isSpreadAssignment(entry)) visit(entry.expression);
        else {
          const name = names.keyOf(entry);
          if (name !== null) found.set(name, entry);
        }
      }
    };
    visit(computed);
    return [...found].map(([name, entry]) => ({ name, entry }));
  };

  const isAssign = ({ expression: callee }: TypeScript.CallExpression): boolean =>
    ts.isPropertyAccessExpression(callee) && callee.getText() === 'Object.assign';

  const anyNames = (node: Expression): readonly Bound[] =>
    Object.values(kinds).map((kind) => ({ kind, name: null, node, table: null }));

  const unknown = (made: Expression): Omit<MachineParts, 'calls'> => ({
    config: null,
    bound: anyNames(made),
  });

  return { ...machineOf(expression, 0), calls };
};
