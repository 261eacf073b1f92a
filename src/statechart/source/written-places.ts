import type TypeScript from 'typescript';
import { ConfigReader } from './config-reader.ts';
import { exportedMachine } from './exported-machine.ts';
import type { Compiler } from './load-typescript.ts';
import { machineParts } from './machine-parts.ts';
import type { ConfigPlace, ConfigTrigger } from './machine-sources.ts';
import { Names } from './names.ts';
import { openProject } from './open-project.ts';
import type { MachineFile } from './resolve-sources.ts';
import { type FilePlace, placeOfNode } from './syntax.ts';

type Node = TypeScript.Node;

/** Where the parts of a config are written. What the parser cannot follow has the place of what is around it. */
export class WrittenPlaces {
  readonly #ts: Compiler;
  readonly #program: TypeScript.Program;
  readonly #names: Names;
  readonly #reader: ConfigReader;
  readonly #file: MachineFile;

  constructor(ts: Compiler, file: MachineFile) {
    const project = openProject(ts, file.path, file.text);
    this.#ts = ts;
    this.#program = project.program;
    this.#names = new Names(ts, project);
    this.#reader = new ConfigReader(ts, this.#names);
    this.#file = file;
  }

  /** A state or a branch of the machine that the module exports, whose id this is; null if the parser does not see that machine. */
  placeOf(machineId: string, { state, trigger, branch }: Omit<ConfigPlace, 'part'>): FilePlace | null {
    const config = this.#exported() ?? this.#made().find((each) => this.#idOf(each) === machineId);
    if (config === undefined) return null;
    let found: Node = config;
    for (const key of state) {
      const child = this.#entryOf(this.#entryOf(found, 'states'), key);
      if (child === null) return this.#placeAt(found);
      found = child;
    }
    const branches = trigger === null ? null : this.#triggerOf(found, trigger);
    if (branches === null) return this.#placeAt(found);
    return this.#placeAt(this.#listOf(branches)[branch] ?? branches);
  }

  /** The state with this id, of any machine that is made in the project; null if there is none. */
  placeOfId(id: string): FilePlace | null {
    for (const config of this.#made()) {
      const machineId = this.#idOf(config);
      const found = machineId === null ? null : this.#withId(config, machineId, [], id);
      if (found !== null) return this.#placeAt(found);
    }
    return null;
  }

  #exported(): Node | undefined {
    const file = this.#program.getSourceFile(this.#file.path);
    const machine =
      file === undefined ? null : exportedMachine(this.#ts, this.#names, file, this.#file.exportName);
    if (machine === null) return undefined;
    return machineParts(this.#ts, this.#names, machine).config ?? undefined;
  }

  /** The configs of all machines that are made in the project. */
  #made(): readonly Node[] {
    const ts = this.#ts;
    const found: Node[] = [];
    const visit = (node: Node): void => {
      if (ts.isCallExpression(node) && this.#makesMachine(node)) found.push(...node.arguments.slice(0, 1));
      ts.forEachChild(node, visit);
    };
    for (const file of this.#program.getSourceFiles()) visit(file);
    return found;
  }

  #makesMachine({ expression }: TypeScript.CallExpression): boolean {
    const callee = this.#names.bare(expression);
    return this.#ts.isPropertyAccessExpression(callee)
      ? callee.name.text === 'createMachine'
      : this.#names.foreignName(callee) === 'createMachine';
  }

  /** As XState calls it; null if it is computed. */
  #idOf(config: Node): string | null {
    return this.#entryOf(config, 'id') === null ? '(machine)' : this.#textAt(config, 'id');
  }

  #withId(state: Node, machineId: string, path: readonly string[], id: string): Node | null {
    if ((this.#textAt(state, 'id') ?? [machineId, ...path].join('.')) === id) return state;
    const states = this.#entryOf(state, 'states');
    if (states === null) return null;
    for (const key of this.#reader.entriesOf(this.#valueOf(states))?.keys() ?? []) {
      const child = this.#entryOf(states, key);
      const found = child === null ? null : this.#withId(child, machineId, [...path, key], id);
      if (found !== null) return found;
    }
    return null;
  }

  #triggerOf(state: Node, { kind, key }: ConfigTrigger): Node | null {
    switch (kind) {
      case 'always':
        return this.#entryOf(state, 'always');
      case 'event':
        return this.#entryOf(this.#entryOf(state, 'on'), key);
      case 'after':
        return this.#entryOf(this.#entryOf(state, 'after'), key);
      case 'done':
        return this.#entryOf(state, 'onDone');
      case 'invoke': {
        const [outcome, at] = key.split('.');
        const invoke = this.#entryOf(state, 'invoke');
        const one = invoke === null ? null : this.#listOf(invoke)[Number(at)];
        return this.#entryOf(one ?? null, { done: 'onDone', error: 'onError' }[outcome!] ?? 'onSnapshot');
      }
    }
  }

  #entryOf(node: Node | null, key: string): Node | null {
    return node === null ? null : this.#reader.entryOf(this.#valueOf(node), key);
  }

  #textAt(node: Node, key: string): string | null {
    const entry = this.#entryOf(node, key);
    const value = entry === null ? null : this.#valueOf(entry);
    const text = value !== null && this.#ts.isExpression(value) ? this.#names.definitionOf(value) : null;
    return text !== null && this.#ts.isStringLiteralLike(text) ? text.text : null;
  }

  /** The elements of a list; what stands in place of a list is its own. */
  #listOf(node: Node): readonly Node[] {
    const value = this.#valueOf(node);
    const list = this.#reader.listOf(value);
    return list.length === 1 && list[0] === value ? [node] : list;
  }

  /** What an entry gives its key. */
  #valueOf(node: Node): Node {
    return this.#names.valueOf(node) ?? node;
  }

  #placeAt(node: Node): FilePlace {
    return placeOfNode(node, this.#file.root);
  }
}
