import ts from 'typescript';
import type { Change, Operator } from './source-mutant.ts';

/** How `machines/raft/guards.ts` is broken: each guard says always yes, and always no. */
export const changesOfGuards: Operator = (node) => {
  if (!ts.isVariableDeclaration(node) || node.name.getText() !== 'guards') return [];
  if (node.initializer === undefined || !ts.isObjectLiteralExpression(node.initializer)) return [];
  return node.initializer.properties.filter(ts.isPropertyAssignment).flatMap((property): readonly Change[] =>
    [true, false].map((answer) => ({
      kind: answer ? 'guard forced true' : 'guard forced false',
      node: property.initializer,
      replacement: `() => ${answer}`,
      title: `forced ${answer}`,
      within: property.name.getText(),
    })),
  );
};

/** How the chart is broken: each branch is taken away, loses its target, or has its `reenter` turned. */
export const changesOfChart: Operator = (node) => {
  if (!ts.isPropertyAssignment(node)) return [];
  const name = node.name.getText();
  if (name === 'always') return changesOfTrigger(node);
  if ((name !== 'on' && name !== 'after') || !ts.isObjectLiteralExpression(node.initializer)) return [];
  return node.initializer.properties.filter(ts.isPropertyAssignment).flatMap(changesOfTrigger);
};

/** Of all branches of one event or timer. Both ways to write nothing are valid where the branch stood. */
const changesOfTrigger = (trigger: ts.PropertyAssignment): readonly Change[] =>
  ts.isArrayLiteralExpression(trigger.initializer)
    ? trigger.initializer.elements.flatMap((branch) => changesOfBranch(trigger, branch, branch, '...[]'))
    : changesOfBranch(trigger, trigger.initializer, trigger, '...{}');

const changesOfBranch = (
  trigger: ts.PropertyAssignment,
  branch: ts.Expression,
  whole: ts.Node,
  nothing: string,
): readonly Change[] => {
  if (!ts.isObjectLiteralExpression(branch)) return [];
  const properties = new Map(
    branch.properties.filter(ts.isPropertyAssignment).map((property) => [property.name.getText(), property]),
  );
  const guard = properties.get('guard')?.initializer.getText().slice(1, -1) ?? 'otherwise';
  const within = [...statesAround(trigger), trigger.name.getText(), guard].join(' ');
  const changes: Change[] = [
    { kind: 'branch removed', node: whole, replacement: nothing, title: 'removed', within },
  ];
  const target = properties.get('target');
  if (target !== undefined) {
    changes.push({
      kind: 'target removed',
      node: target,
      replacement: '...{}',
      title: 'without target',
      within,
    });
  }
  const reenter = properties.get('reenter');
  if (reenter !== undefined) {
    const title = 'without reenter';
    changes.push({ kind: 'reenter flipped', node: reenter, replacement: '...{}', title, within });
  }
  return changes;
};

/** The names of the states around a node, outermost first; `raft` for the root. */
const statesAround = (node: ts.Node): readonly string[] => {
  const states: string[] = [];
  for (let at = node; at.parent !== undefined; at = at.parent) {
    const list = at.parent.parent;
    if (ts.isPropertyAssignment(at) && ts.isPropertyAssignment(list) && list.name.getText() === 'states') {
      states.unshift(at.name.getText());
    }
  }
  return states.length === 0 ? ['raft'] : states;
};
