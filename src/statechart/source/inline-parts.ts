import type TypeScript from 'typescript';
import { ConfigReader } from './config-reader.ts';
import type { Compiler } from './load-typescript.ts';
import type { ConfigPlace, ConfigTrigger } from './machine-sources.ts';
import type { Names } from './names.ts';

type Expression = TypeScript.Expression;

/** What stands in the config itself and is more than data. */
export interface InlinePart {
  readonly place: ConfigPlace;
  readonly node: TypeScript.Node;
}

/** What the model of a chart says anyway. */
const dataKeys = new Set([
  'id',
  'description',
  'tags',
  'meta',
  'type',
  'history',
  'target',
  'version',
  'types',
  'schemas',
  'reenter',
]);

/** Finds the functions, built-in actions and params of a config, and what cannot be followed in it. */
export const inlineParts = (ts: Compiler, names: Names, config: Expression): readonly InlinePart[] => {
  const parts: InlinePart[] = [];
  const reader = new ConfigReader(ts, names);

  const add = (place: ConfigPlace, node: TypeScript.Node | null | undefined) => {
    if (node && !isData(node)) parts.push({ place, node });
  };

  /** `{ type, params }` is a name with what it is called with; anything else stands for itself. */
  const named = (place: ConfigPlace, node: TypeScript.Node) => {
    const inside = reader.entriesOf(node);
    if (inside === null || !inside.has('type')) add(place, node);
    else add({ ...place, part: `${place.part} params` }, inside.get('params'));
  };

  const actions = (place: ConfigPlace, node: TypeScript.Node | undefined) => {
    if (node === undefined) return;
    for (const [at, each] of reader.listOf(node).entries())
      named({ ...place, part: `${place.part} ${at}` }, each);
  };

  const transitions = (
    state: readonly string[],
    trigger: ConfigTrigger,
    node: TypeScript.Node | undefined,
  ) => {
    if (node === undefined) return;
    for (const [branch, each] of reader.listOf(node).entries()) {
      const place = { state, trigger, branch };
      const inside = reader.entriesOf(each);
      if (inside === null) {
        add({ ...place, part: 'transition' }, each);
        continue;
      }
      for (const [key, value] of inside) {
        if (key === 'guard') named({ ...place, part: 'guard' }, value);
        else if (key === 'actions') actions({ ...place, part: 'action' }, value);
        else if (!dataKeys.has(key)) add({ ...place, part: key }, value);
      }
    }
  };

  const triggers = (state: readonly string[], kind: 'event' | 'after', node: TypeScript.Node | undefined) => {
    if (node === undefined) return;
    const inside = reader.entriesOf(node);
    if (inside === null) add(ofState(state, kind === 'event' ? 'on' : kind), node);
    else for (const [key, value] of inside) transitions(state, { kind, key }, value);
  };

  const invoke = (state: readonly string[], at: number, node: TypeScript.Node) => {
    const place = ofState(state, `invoke ${at}`);
    const inside = reader.entriesOf(node);
    if (inside === null) add(place, node);
    for (const [key, value] of inside ?? []) {
      const outcome = /^on(Done|Error|Snapshot)$/.exec(key)?.[1]?.toLowerCase();
      if (outcome !== undefined) transitions(state, { kind: 'invoke', key: `${outcome}.${at}` }, value);
      else if (!dataKeys.has(key)) add({ ...place, part: `${place.part} ${key}` }, value);
    }
  };

  const initial = (state: readonly string[], node: TypeScript.Node) => {
    const inside = reader.entriesOf(node);
    if (inside === null) add(ofState(state, 'initial'), node);
    for (const [key, value] of inside ?? []) {
      if (key === 'actions') actions(ofState(state, 'initial'), value);
      else if (!dataKeys.has(key)) add(ofState(state, `initial ${key}`), value);
    }
  };

  const stateAt = (state: readonly string[], node: TypeScript.Node): void => {
    const inside = reader.entriesOf(node);
    if (inside === null) add(ofState(state, 'state'), node);
    for (const [key, value] of inside ?? []) {
      if (key === 'entry' || key === 'exit') actions(ofState(state, key), value);
      else if (key === 'on') triggers(state, 'event', value);
      else if (key === 'after') triggers(state, 'after', value);
      else if (key === 'always') transitions(state, { kind: 'always', key: '' }, value);
      else if (key === 'onDone') transitions(state, { kind: 'done', key: '' }, value);
      else if (key === 'invoke')
        for (const [at, each] of reader.listOf(value).entries()) invoke(state, at, each);
      else if (key === 'initial') initial(state, value);
      else if (key === 'states') {
        const states = reader.entriesOf(value);
        if (states === null) add(ofState(state, 'states'), value);
        else for (const [name, child] of states) stateAt([...state, name], child);
      } else if (!dataKeys.has(key)) add(ofState(state, key), value);
    }
  };

  /** Literals, and arrays and objects of them: the model of the chart holds them. */
  const isData = (node: TypeScript.Node): boolean => {
    if (!ts.isExpression(node)) return false;
    const value = names.definitionOf(node);
    if (ts.isArrayLiteralExpression(value)) return value.elements.every(isData);
    if (ts.isObjectLiteralExpression(value))
      return value.properties.every((each) => {
        const inside = ts.isSpreadAssignment(each) ? each.expression : names.valueOf(each);
        return inside !== null && isData(inside);
      });
    if (ts.isPrefixUnaryExpression(value)) return isData(value.operand);
    return (
      ts.isLiteralExpression(value) ||
      value.kind === ts.SyntaxKind.TrueKeyword ||
      value.kind === ts.SyntaxKind.FalseKeyword ||
      value.kind === ts.SyntaxKind.NullKeyword ||
      (ts.isIdentifier(value) && value.text === 'undefined')
    );
  };

  stateAt([], config);
  return parts;
};

const ofState = (state: readonly string[], part: string): ConfigPlace => ({
  state,
  trigger: null,
  branch: 0,
  part,
});
