import { globSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { projectRoot } from '../mutants/generated/all-mutants.ts';
import {
  type Change,
  mutantsIn,
  type Operator,
  type SourceMutant,
} from '../mutants/generated/source-mutant.ts';

/** Rooms in which nothing is checked: they show, or speak to other implementations. */
const withoutChecks = ['src/page/', 'src/conformance/'];

/**
 * Every check of the sources, each as the mutant that silences it:
 *
 * - whatever returns a `Violation` returns null, or does not report it: by its type, so a new check is found by itself;
 * - an end of an exploration that is bad becomes a good one;
 * - a refusal of the linearizability checker becomes an acceptance, and what an operation demands of its key is not demanded.
 */
export const silencedChecks = (): readonly SourceMutant[] => {
  const root = fileURLToPath(projectRoot);
  const files = globSync('src/**/*.ts', { cwd: root })
    .map((file) => file.split(sep).join('/'))
    .filter((file) => !withoutChecks.some((room) => file.startsWith(room)))
    // A file that has to do with a violation says so somewhere; the types of all others take too long.
    .filter(
      (file) =>
        /violat|checkHistory/i.test(readFileSync(join(root, file), 'utf8')) || file.startsWith('src/check/'),
    )
    .sort();
  const program = programOf(files.map((file) => join(root, file)));
  const returnsViolation = violationIn(program.getTypeChecker());
  return files.flatMap((file) => {
    const operator = file.startsWith('src/check/')
      ? changesOfChecker
      : file.startsWith('src/verify/explore/')
        ? both(changesOfCall(returnsViolation), changesOfEnd)
        : changesOfCall(returnsViolation);
    return mutantsIn(program.getSourceFile(join(root, file))!, file, operator);
  });
};

const programOf = (files: readonly string[]): ts.Program => {
  const path = fileURLToPath(new URL('tsconfig.json', projectRoot));
  const { config } = ts.readConfigFile(path, ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, fileURLToPath(projectRoot));
  return ts.createProgram(files, options);
};

const both =
  (one: Operator, other: Operator): Operator =>
  (node) => [...one(node), ...other(node)];

/** Whether an expression is a `Violation`, or one or null. The linearizability checker has another type of that name. */
const violationIn =
  (checker: ts.TypeChecker) =>
  (node: ts.Expression): boolean => {
    const { symbol } = checker.getNonNullableType(checker.getTypeAtLocation(node));
    if (symbol?.name !== 'Violation') return false;
    const [declaration] = symbol.declarations ?? [];
    return (
      relative(fileURLToPath(projectRoot), declaration!.getSourceFile().fileName) === 'src/trace/violation.ts'
    );
  };

/** A call that returns a violation returns null; where it is reported at once, nothing is. */
const changesOfCall =
  (returnsViolation: (node: ts.Expression) => boolean): Operator =>
  (node) => {
    // An enumeration that is not asked what it has found checks nothing.
    if (!ts.isCallExpression(node) || ts.isExpressionStatement(node.parent)) return [];
    if (!returnsViolation(node)) return [];
    const [first] = node.arguments;
    const callee = ts.isPropertyAccessExpression(node.expression) ? node.expression.name : node.expression;
    const title =
      callee.getText() === 'violation' && first !== undefined && ts.isStringLiteral(first)
        ? first.text
        : `${callee.getText()}()`;
    return [silenced(title, ...reportOf(node))];
  };

/**
 * What is left out with a violation: the object that carries it, the whole report, or what the call returns. What the call does, such as
 * going on in a search, it does all the same.
 */
const reportOf = (call: ts.CallExpression): readonly [node: ts.Node, replacement: string] => {
  let node: ts.Node = call;
  for (;;) {
    const { parent } = node;
    if (ts.isParenthesizedExpression(parent) || ts.isNonNullExpression(parent)) node = parent;
    else if (ts.isPropertyAssignment(parent)) node = parent.parent;
    else if (ts.isCallExpression(parent) && /report$/.test(parent.expression.getText()))
      return [parent, 'void 0'];
    else
      return [
        node,
        ts.isObjectLiteralExpression(node) || isMaker(call) ? 'null' : `(${call.getText()}, null)`,
      ];
  }
};

/** `violation(…)` itself: it only makes an object. */
const isMaker = ({ expression }: ts.CallExpression): boolean => expression.getText() === 'violation';

/** `outcome: 'stuck'` and `outcome: 'violation'` become `'exhausted'`. */
const changesOfEnd: Operator = (node) =>
  changesOfWord(node, 'outcome', { stuck: 'exhausted', violation: 'exhausted' });

/** No refusal, no position of one, and nothing that an operation demands. */
const changesOfChecker: Operator = (node) => [
  ...changesOfWord(node, 'type', {
    impossible: 'possible',
    notLinearizable: 'linearizable',
    violated: 'linearizable',
  }),
  ...changesOfWord(node, 'result', { notLinearizable: 'linearizable' }),
  ...changesOfDemand(node),
  ...changesOfPosition(node),
];

/** Takes another word for a property of an object. */
const changesOfWord = (
  node: ts.Node,
  property: string,
  words: Readonly<Record<string, string>>,
): readonly Change[] => {
  if (!ts.isPropertyAssignment(node) || node.name.getText() !== property) return [];
  if (!ts.isStringLiteral(node.initializer)) return [];
  const { text } = node.initializer;
  const word = words[text];
  return word === undefined ? [] : [silenced(text, node.initializer, `'${word}'`)];
};

/** `is` and `isNot` demand what always holds: that it is not a value that there is not. A `swap` and a `remove` do not look before they set. */
const changesOfDemand = (node: ts.Node): readonly Change[] => {
  if (!ts.isObjectLiteralExpression(node)) return [];
  const kind = propertyOf(node, 'kind');
  if (kind === undefined || !ts.isStringLiteral(kind)) return [];
  const { text } = kind;
  if (text === 'swap') return [silenced('swap', node, "{ kind: 'set', to }")];
  if (text === 'remove') return [silenced('remove', node, "{ kind: 'set', to: null }")];
  if (text !== 'is' && text !== 'isNot') return [];
  return [silenced(text, node, "{ kind: 'isNot', value: undefined }")];
};

/** Where a search found that nothing explains the history: nowhere. */
const changesOfPosition = (node: ts.Node): readonly Change[] => {
  if (!ts.isObjectLiteralExpression(node) || propertyOf(node, 'isCut') === undefined) return [];
  const position = propertyOf(node, 'position');
  if (position === undefined || position.kind === ts.SyntaxKind.NullKeyword) return [];
  return [silenced('position', position, 'null')];
};

const propertyOf = (object: ts.ObjectLiteralExpression, name: string): ts.Expression | undefined =>
  object.properties.filter(ts.isPropertyAssignment).find((property) => property.name.getText() === name)
    ?.initializer;

const silenced = (title: string, node: ts.Node, replacement: string): Change => ({
  kind: 'check silenced',
  node,
  replacement,
  title,
  within: placeOf(node),
});

/** `Checks.apply` of a method, `neverBack` of a constant: the outermost names around a node. */
const placeOf = (node: ts.Node): string => {
  const names: string[] = [];
  for (let at = node; at.parent !== undefined; at = at.parent) {
    if (ts.isMethodDeclaration(at) || ts.isClassDeclaration(at)) names.unshift(at.name!.getText());
    else if (ts.isVariableStatement(at) && at.parent === at.getSourceFile()) {
      names.unshift(at.declarationList.declarations[0]!.name.getText());
    }
  }
  return names.join('.');
};
