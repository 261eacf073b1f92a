import type TypeScript from 'typescript';
import { DeclarationGraph } from './declaration-graph.ts';
import { exportedMachine } from './exported-machine.ts';
import { inlineParts } from './inline-parts.ts';
import { type Compiler, loadTypeScript } from './load-typescript.ts';
import { type Bound, machineParts } from './machine-parts.ts';
import {
  closureOf,
  type Declaration,
  type Definition,
  type InlineDefinition,
  type MachineSources,
  type NamedDefinition,
} from './machine-sources.ts';
import { Names } from './names.ts';
import { openProject } from './open-project.ts';

/** A module of a machine, by its absolute path; `exportName` is needed where it exports several. */
export interface MachineFile {
  readonly path: string;
  readonly exportName: string | undefined;
  /** The folder from which the paths of files are told. */
  readonly root: string;
  /** What stands in the module, where that is not what its file holds; the file need not exist. */
  readonly text?: string | undefined;
}

/**
 * Finds where all that a machine does is defined. Where the parser cannot see which machine a module exports, all of the module may be
 * what it does. Null if there is no such module. Rejects with `PackageMissing`.
 */
export const resolveSources = async (file: MachineFile): Promise<MachineSources | null> =>
  readMachine(await loadTypeScript(file.path), file);

const readMachine = (ts: Compiler, { path, exportName, root, text }: MachineFile): MachineSources | null => {
  const project = openProject(ts, path, text);
  const file = project.program.getSourceFile(path);
  if (file === undefined) return null;
  const names = new Names(ts, project);
  const machine = exportedMachine(ts, names, file, exportName);
  if (machine === null)
    return wholeModule(ts, new DeclarationGraph(ts, project, names, root, new Set()), file);
  const { config, bound, calls } = machineParts(ts, names, machine);
  const graph = new DeclarationGraph(ts, project, names, root, calls);
  // A later layer of `extend` or `provide` wins; what is computed may be any.
  const last = new Map(
    bound.map((each, at) => [each.name === null ? `${at}` : `${each.kind} ${each.name}`, each]),
  );
  const named = [...last.values()].map(({ kind, name, node, table }: Bound): NamedDefinition => {
    const roots = [graph.add(node), ...(table === null ? [] : [graph.add(table, name)])];
    return { kind, name, roots, rule: roots[0]! };
  });
  const inline = (config === null ? [] : inlineParts(ts, names, config)).map(
    ({ place, node }): InlineDefinition => ({ kind: 'inline', place, roots: [graph.add(node)] }),
  );
  const known = new Set(named.flatMap(({ name }) => (name === null ? [] : [name])));
  const declarations = graph.declarations((text) => known.has(text));
  const ruled = named.map((each): Definition => ({ ...each, rule: ruleOf(declarations, each) }));
  return { declarations, definitions: [...ruled, ...inline] };
};

const wholeModule = (ts: Compiler, graph: DeclarationGraph, file: TypeScript.SourceFile): MachineSources => {
  const roots = file.statements
    .filter(
      (statement) =>
        !ts.isImportDeclaration(statement) &&
        !ts.isTypeAliasDeclaration(statement) &&
        !ts.isInterfaceDeclaration(statement),
    )
    .flatMap((statement): readonly TypeScript.Node[] =>
      ts.isVariableStatement(statement) ? statement.declarationList.declarations : [statement],
    )
    .map((node) => graph.add(node));
  const any = (kind: NamedDefinition['kind']): NamedDefinition => ({
    kind,
    name: null,
    roots,
    rule: roots[0] ?? 0,
  });
  return {
    definitions: roots.length === 0 ? [] : (['guard', 'action', 'delay', 'actor'] as const).map(any),
    declarations: graph.declarations(() => false),
  };
};

/** What is called as the chart calls it; else the one declaration that the binding names; else the binding. */
const ruleOf = (declarations: readonly Declaration[], { name, roots }: NamedDefinition): number => {
  const own = roots[0]!;
  const called = [...closureOf(declarations, roots).keys()].find(
    (at) => at !== own && !roots.includes(at) && declarations[at]!.name === name,
  );
  if (called !== undefined) return called;
  let at = own;
  for (
    const seen = new Set<number>();
    /^#0$/.test(declarations[at]!.form) && !seen.has(at);
    at = declarations[at]!.refs[0]!
  )
    seen.add(at);
  return at;
};
