import ts from 'typescript';
import type { Change, MutantKind, Operator } from './source-mutant.ts';

const operators: Readonly<Record<string, readonly (readonly [kind: MutantKind, to: string])[]>> = {
  '<': [
    ['comparison by one', '<='],
    ['comparison negated', '>='],
  ],
  '<=': [
    ['comparison by one', '<'],
    ['comparison negated', '>'],
  ],
  '>': [
    ['comparison by one', '>='],
    ['comparison negated', '<='],
  ],
  '>=': [
    ['comparison by one', '>'],
    ['comparison negated', '<'],
  ],
  '===': [['equality negated', '!==']],
  '!==': [['equality negated', '===']],
  '&&': [['and, or, not', '||']],
  '||': [['and, or, not', '&&']],
};

/** How a rule of `src/raft/` is broken: in each place in each of these ways, one at a time. */
export const changesOfRule: Operator = (node) => [
  ...changesOfOperator(node),
  ...changesOfOne(node),
  ...changesOfCall(node),
  ...changesOfLiteral(node),
  ...droppedEffects(node),
];

const changesOfOperator = (node: ts.Node): readonly Change[] => {
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
    return [
      {
        kind: 'and, or, not',
        node,
        replacement: `(${node.operand.getText()})`,
        title: "'!' dropped",
        around: node,
      },
    ];
  }
  if (!ts.isBinaryExpression(node)) return [];
  const from = node.operatorToken.getText();
  return (operators[from] ?? []).map(([kind, to]) => ({
    kind,
    node: node.operatorToken,
    replacement: to,
    title: `'${from}' → '${to}'`,
    around: node,
  }));
};

/** `x + 1`, `x - 1`, `x++` and `x--` become `x`. */
const changesOfOne = (node: ts.Node): readonly Change[] => {
  const kind = 'plus or minus one';
  if (
    (ts.isPostfixUnaryExpression(node) || ts.isPrefixUnaryExpression(node)) &&
    (node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken)
  ) {
    const sign = node.operator === ts.SyntaxKind.PlusPlusToken ? '++' : '--';
    return [{ kind, node, replacement: node.operand.getText(), title: `'${sign}' dropped` }];
  }
  if (!ts.isBinaryExpression(node) || node.right.getText() !== '1') return [];
  const sign = node.operatorToken.getText();
  if (sign !== '+' && sign !== '-') return [];
  return [{ kind, node, replacement: node.left.getText(), title: `'${sign} 1' dropped` }];
};

const changesOfCall = (node: ts.Node): readonly Change[] => {
  if (!ts.isPropertyAccessExpression(node) || node.expression.getText() !== 'Math') return [];
  const from = node.name.text;
  const to = from === 'min' ? 'max' : from === 'max' ? 'min' : null;
  if (to === null) return [];
  return [
    {
      kind: 'min, max',
      node: node.name,
      replacement: to,
      title: `'${from}' → '${to}'`,
      around: node.parent,
    },
  ];
};

const changesOfLiteral = (node: ts.Node): readonly Change[] => {
  const isTrue = node.kind === ts.SyntaxKind.TrueKeyword;
  if ((!isTrue && node.kind !== ts.SyntaxKind.FalseKeyword) || ts.isLiteralTypeNode(node.parent)) return [];
  return [
    {
      kind: 'boolean flipped',
      node,
      replacement: String(!isTrue),
      title: `${isTrue} → ${!isTrue}`,
      around: node.parent,
    },
  ];
};

/** An element of a list called `effects`, as a property or where it is pushed to. */
const droppedEffects = (node: ts.Node): readonly Change[] => {
  if (ts.isPropertyAssignment(node) && node.name.getText() === 'effects') {
    if (!ts.isArrayLiteralExpression(node.initializer)) return [];
    return node.initializer.elements.map((element) => dropped(element, '...[]'));
  }
  if (ts.isCallExpression(node) && node.expression.getText() === 'effects.push')
    return [dropped(node, 'void 0')];
  return [];
};

const dropped = (node: ts.Node, replacement: string): Change => ({
  kind: 'effect dropped',
  node,
  replacement,
  title: `'${node.getText().replace(/\s+/g, ' ').slice(0, 40)}' dropped`,
});
