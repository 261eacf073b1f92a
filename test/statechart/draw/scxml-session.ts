import scion from 'scion-core';
import type { XmlElement } from './xml-tree.ts';

/** What an interpreter asks of the one who runs it: the functions that the document calls. */
export interface ScxmlHost {
  guard(name: string, event: ScxmlEvent | undefined): boolean;
  /** Returns what the function raises, if it raises anything. */
  act(name: string, event: ScxmlEvent | undefined): readonly { readonly type: string }[];
  /** The event that an action of this name raises. */
  raised(name: string, event: ScxmlEvent | undefined): { readonly type: string };
}

export interface ScxmlEvent {
  readonly name: string;
  readonly data?: unknown;
}

/** A document run by SCION, which knows nothing of XState. */
export interface ScxmlSession {
  /** Ids of the active states without children, sorted. */
  start(): readonly string[];
  send(name: string, data: unknown): readonly string[];
}

export const runScxml = (document: XmlElement, host: ScxmlHost): ScxmlSession => {
  // By a function: SCION copies a plain object by JSON, and its functions would be lost.
  const session = new scion.Statechart(() => stateOf(document, host), {});
  return {
    start: () => session.start().toSorted(),
    send: (name, data) => session.gen({ name, data }).toSorted(),
  };
};

type Executable = (this: { raise(event: ScxmlEvent): void }, event: ScxmlEvent | undefined) => void;

/** An element of a state as SCION's own JSON has it. */
const stateOf = (element: XmlElement, host: ScxmlHost): object => {
  const { name, attributes, children } = element;
  const of = (tag: string) => children.filter((child) => child.name === tag);
  const states = children.filter((child) => ['state', 'parallel', 'final', 'history'].includes(child.name));
  return {
    $type: name,
    ...(attributes.id === undefined ? {} : { id: attributes.id }),
    ...(attributes.initial === undefined ? {} : { initial: attributes.initial }),
    onEntry: of('onentry').flatMap(({ children: actions }) => actions.map((each) => executable(each, host))),
    onExit: of('onexit').flatMap(({ children: actions }) => actions.map((each) => executable(each, host))),
    transitions: of('transition').map((each) => transitionOf(each, host)),
    ...(states.length === 0 ? {} : { states: states.map((each) => stateOf(each, host)) }),
  };
};

const transitionOf = ({ attributes, children }: XmlElement, host: ScxmlHost): object => {
  const guard = attributes.cond === undefined ? null : calledIn(attributes.cond);
  return {
    ...(attributes.event === undefined ? {} : { event: attributes.event }),
    ...(attributes.target === undefined ? {} : { target: attributes.target.split(' ') }),
    ...(attributes.type === undefined ? {} : { type: attributes.type }),
    ...(guard === null ? {} : { cond: (event: ScxmlEvent | undefined) => host.guard(guard, event) }),
    onTransition: children.map((each) => executable(each, host)),
  };
};

const executable = ({ name, attributes, text }: XmlElement, host: ScxmlHost): Executable => {
  if (name === 'script') {
    const action = calledIn(text.replace(/;$/, ''));
    return function (event) {
      for (const raised of host.act(action, event)) this.raise({ name: raised.type, data: raised });
    };
  }
  if (name === 'raise') {
    return function (event) {
      this.raise({ name: attributes.event!, data: { ...(event?.data as object), type: attributes.event } });
    };
  }
  if (name === 'send' && attributes.target === '#_internal') {
    const action = calledIn(attributes.eventexpr!.replace(/\.type$/, ''));
    return function (event) {
      const raised = host.raised(action, event);
      this.raise({ name: raised.type, data: raised });
    };
  }
  // The start and the cancel of a timer: whoever runs the session decides when one expires.
  if (name === 'send' || name === 'cancel') return () => {};
  throw new Error(`expected executable content, got <${name}>`);
};

const calledIn = (expression: string): string => {
  const name = /^([\w$]+)\(_event\)$/.exec(expression)?.[1];
  if (name === undefined) throw new Error(`expected the call of a function with _event, got ${expression}`);
  return name;
};
