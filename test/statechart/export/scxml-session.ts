import { compileFunction } from 'node:vm';
import scion from 'scion-core';
import { VirtualClock } from '../../../src/statechart/model-test/virtual-clock.ts';
import type { XmlElement } from '../draw/xml-tree.ts';

/** What the document calls, as docs/formats.md has it. */
export interface ScxmlHost {
  readonly guards: Functions;
  readonly actions: Functions;
  readonly delays: Functions;
  readonly functions: Functions;
}

export type Functions = Readonly<Record<string, HostFunction>>;
export type HostFunction = (context: unknown, event: ScxmlEvent | undefined, params?: unknown) => unknown;

export interface ScxmlEvent {
  readonly name: string;
  readonly data?: unknown;
}

/** A document run by SCION, which knows nothing of XState, in a time of its own. */
export interface ScxmlSession {
  /** Ids of the active states without children, sorted. A final state of the root for the one behind it that ends the document. */
  start(): readonly string[];
  send(name: string, data: unknown): readonly string[];
  /** Lets timers run out. */
  advance(milliseconds: number): readonly string[];
  /** Raises an event from inside a function of the host. */
  raise(name: string, data: unknown): void;
  readonly context: unknown;
  /** What was done, in order: each call of an action, `log` and `emit` with what they are given. */
  readonly done: readonly string[];
}

/** That an event may take. */
const maxSteps = 2_000;

const variables = ['context', '_event', 'In', 'guards', 'actions', 'delays', 'functions', 'emit'];

/** A part of the document that SCION runs; `this` is its own. */
type Step = (this: { raise(event: ScxmlEvent): void }, event: ScxmlEvent | undefined) => unknown;

export const runScxml = (document: XmlElement, host: ScxmlHost): ScxmlSession => {
  let context: unknown;
  const clock = new VirtualClock();
  const timers = new Map<unknown, number>();
  let raiseInStep: (event: ScxmlEvent) => void = () => {};
  const done: string[] = [];
  const faults: unknown[] = [];

  const evaluator = (code: string): ((event: ScxmlEvent | undefined) => unknown) => {
    const compiled = compileFunction(code, variables);
    const isIn = (id: string) => session.isIn(id);
    const emit = (event: unknown) => void done.push(`emit ${JSON.stringify(event)}`);
    return (event) => {
      try {
        return compiled(context, event, isIn, host.guards, host.actions, host.delays, host.functions, emit);
      } catch (fault) {
        // SCION would turn it into an event.
        faults.push(fault);
        throw fault;
      }
    };
  };
  const expression = (code: string) => evaluator(`return (${code});`);

  const stateOf = (element: XmlElement): object => {
    const { name, attributes, children } = element;
    const of = (tag: string) => children.filter((child) => child.name === tag);
    const states = children.filter((child) =>
      ['initial', 'state', 'parallel', 'final', 'history'].includes(child.name),
    );
    const output = of('donedata')[0]?.children[0]?.attributes.expr;
    return {
      $type: name,
      ...(attributes.id === undefined ? {} : { id: attributes.id }),
      ...(attributes.initial === undefined ? {} : { initial: attributes.initial }),
      ...(name === 'history' ? { isDeep: attributes.type === 'deep' } : {}),
      ...(output === undefined ? {} : { donedata: expression(output) }),
      onEntry: of('onentry').flatMap(({ children: actions }) => actions.map(stepOf)),
      onExit: of('onexit').flatMap(({ children: actions }) => actions.map(stepOf)),
      transitions: of('transition').map(transitionOf),
      ...(states.length === 0 ? {} : { states: states.map(stateOf) }),
    };
  };

  const transitionOf = ({ attributes, children }: XmlElement): object => ({
    ...(attributes.event === undefined ? {} : { event: attributes.event }),
    ...(attributes.target === undefined ? {} : { target: attributes.target.split(' ') }),
    ...(attributes.type === undefined ? {} : { type: attributes.type }),
    ...(attributes.cond === undefined ? {} : { cond: expression(attributes.cond) }),
    onTransition: children.map(stepOf),
  });

  const stepOf = ({ name, attributes, children, text }: XmlElement): Step => {
    const value = (attribute: string) =>
      attributes[attribute] === undefined ? () => undefined : expression(attributes[attribute]);
    switch (name) {
      case 'script': {
        const run = evaluator(text);
        return function (event) {
          raiseInStep = (raised) => this.raise(raised);
          done.push(text);
          run(event);
        };
      }
      case 'assign': {
        const next = value('expr');
        return function (event) {
          raiseInStep = (raised) => this.raise(raised);
          context = next(event);
        };
      }
      case 'log': {
        const said = value('expr');
        return (event) => void done.push(`log ${JSON.stringify(said(event))}`);
      }
      case 'raise':
        return function () {
          this.raise({ name: attributes.event! });
        };
      case 'cancel': {
        const id = attributes.sendid === undefined ? value('sendidexpr') : () => attributes.sendid;
        return (event) => clock.clearTimeout(timers.get(id(event)) ?? -1);
      }
      case 'send': {
        const target = attributes.target === undefined ? value('targetexpr') : () => attributes.target;
        const eventName = attributes.event === undefined ? value('eventexpr') : () => attributes.event;
        const delay = attributes.delay === undefined ? value('delayexpr') : () => attributes.delay;
        const content =
          children[0] === undefined ? () => undefined : expression(children[0].attributes.expr!);
        return function (event) {
          const sent = { name: String(eventName(event)), data: content(event) };
          const to = target(event);
          if (to === '#_internal') return void this.raise(sent);
          if (to !== undefined) return;
          const milliseconds = Number(String(delay(event) ?? '0ms').replace(/ms$/, ''));
          const timer = clock.setTimeout(() => take(sent), milliseconds);
          if (attributes.id !== undefined) timers.set(attributes.id, timer);
        };
      }
      default:
        throw new Error(`expected executable content, got <${name}>`);
    }
  };

  const variable = document.children.find(({ name }) => name === 'datamodel')?.children[0];
  // By a function: SCION copies a plain object by JSON, and its functions would be lost.
  const session = new scion.Statechart(() => stateOf(document), {});
  // SCION ends once all active states are final, be they inside others; by the standard only a final state of the document ends it.
  session._exitInterpreter = () => {};
  // Where one step enters the ends of several regions, SCION says for each that all are done; by the standard only the last one does.
  const queue = session._internalEventQueue;
  queue.push = (...events) => {
    for (const { name } of events) {
      const same = queue.findIndex((each) => each.name === name && name.startsWith('done.state.'));
      if (same >= 0) queue.splice(same, 1);
    }
    return Array.prototype.push.apply(queue, events);
  };
  let steps = 0;
  session.on('onSmallStepBegin', () => {
    if (++steps > maxSteps) throw new Error(`expected an end of the steps, got ${maxSteps}`);
  });
  const leaves = (states: readonly string[]): readonly string[] => {
    if (faults.length > 0) throw faults[0];
    return states.map((id) => id.replace(/_x(done|final)$/, '')).toSorted();
  };
  const take = (event: ScxmlEvent): readonly string[] => {
    steps = 0;
    return leaves(session.gen(event));
  };
  return {
    start: () => {
      context = variable === undefined ? undefined : expression(variable.attributes.expr!)(undefined);
      return leaves(session.start());
    },
    send: (name, data) => take({ name, data }),
    advance: (milliseconds) => {
      clock.advance(milliseconds);
      return leaves(session.getConfiguration());
    },
    raise: (name, data) => raiseInStep({ name, data }),
    get context() {
      return context;
    },
    done,
  };
};
