import type { AnyStateMachine } from 'xstate';
import {
  asConfig,
  innerGuards,
  isFunction,
  isGuardOf,
  isHistory,
  isMachine,
  isStatic,
  isToItself,
  kindOf,
  listOf,
  type Parts,
  paramsOf,
  partsOf,
  stateValueOf,
} from './machine-parts.ts';

/**
 * The features of XState 5 (`types.d.ts`, `actions/*.d.ts`, `guards.d.ts`, `actors/*.d.ts` of 5.33), each with a test of whether a machine
 * uses it, alone or in the actors that it names. It reads configs, and nothing of this project, so that it can be believed where that is tested.
 */
export const featureTests = {
  'state: atomic': ({ states }) => states.some(({ node, isRoot }) => !isRoot && kindOf(node) === 'atomic'),
  'state: compound': ({ states }) => states.some(({ node }) => kindOf(node) === 'compound'),
  'state: parallel': ({ states }) => states.some(({ node }) => kindOf(node) === 'parallel'),
  'state: parallel root': ({ states }) =>
    states.some(({ node, isRoot }) => isRoot && kindOf(node) === 'parallel'),
  'state: parallel in parallel': ({ states }) =>
    states.some(({ node, parent }) => kindOf(node) === 'parallel' && kindOf(parent) === 'parallel'),
  'state: final': ({ states }) => states.some(({ node }) => kindOf(node) === 'final'),
  'state: final root': ({ states }) => states.some(({ node, isRoot }) => isRoot && kindOf(node) === 'final'),
  'state: final inside another': ({ states }) =>
    states.some(({ node, depth }) => depth > 1 && kindOf(node) === 'final'),
  'state: root alone': ({ states }) => states.length === 1,
  'history: no kind written': ({ states }) =>
    states.some(({ node }) => node.type === 'history' && node.history === undefined),
  'history: true': ({ states }) => states.some(({ node }) => node.history === true),
  'history: shallow': ({ states }) => states.some(({ node }) => node.history === 'shallow'),
  'history: deep': ({ states }) => states.some(({ node }) => node.history === 'deep'),
  'history: default target': ({ states }) => states.some(({ node }) => isHistory(node) && !!node.target),
  'history: default target further down': ({ states }) =>
    states.some(({ node }) => isHistory(node) && /\w\.\w/.test(`${node.target}`)),
  'history: no default target': ({ states }) => states.some(({ node }) => isHistory(node) && !node.target),
  'history: in a parallel state': ({ states }) =>
    states.some(({ node, parent }) => isHistory(node) && kindOf(parent) === 'parallel'),
  'history: without type': ({ states }) => states.some(({ node }) => !!node.history && !node.type),
  'initial: with actions': ({ states }) => states.some(({ node }) => typeof node.initial === 'object'),
  'done: onDone': ({ states }) => states.some(({ node }) => !!node.onDone && kindOf(node) === 'compound'),
  'done: onDone of a parallel state': ({ states }) =>
    states.some(({ node }) => !!node.onDone && kindOf(node) === 'parallel'),
  'output: root, static': ({ states }) => states.some(({ node, isRoot }) => isRoot && isStatic(node.output)),
  'output: root, computed': ({ states }) =>
    states.some(({ node, isRoot }) => isRoot && isFunction(node.output)),
  'output: state, static': ({ states }) =>
    states.some(({ node, isRoot }) => !isRoot && isStatic(node.output)),
  'output: state, computed': ({ states }) =>
    states.some(({ node, isRoot }) => !isRoot && isFunction(node.output)),
  'always: unguarded': ({ of }) => of('always').some(({ config }) => !config.guard),
  'always: guarded': ({ of }) => of('always').some(({ config }) => !!config.guard),
  'always: chain': ({ states }) => {
    const eager = states.filter(({ node }) => !!node.always);
    return eager.some(({ node }) =>
      listOf(node.always).some((each) =>
        eager.some(({ key }) => listOf(asConfig(each).target).includes(key)),
      ),
    );
  },
  'after: number': ({ of }) => of('after').some(({ event }) => /^\d+$/.test(event)),
  'after: named': ({ of, bound }) =>
    of('after').some(({ event }) => typeof bound('delays')[event] === 'number'),
  'after: computed': ({ of, bound }) => of('after').some(({ event }) => isFunction(bound('delays')[event])),
  'after: several': ({ states }) => states.some(({ node }) => Object.keys(node.after ?? {}).length > 1),
  'after: with branches': ({ of }) => of('after').some(({ branch }) => branch > 0),
  'event: wildcard': ({ of }) => of('on').some(({ event }) => event === '*'),
  'event: partial wildcard': ({ of }) => of('on').some(({ event }) => event.endsWith('.*')),
  'event: dotted': ({ of }) => of('on').some(({ event }) => /\w\.\w/.test(event)),
  'event: forbidden': ({ states }) =>
    states.some(({ node }) => Object.values(node.on ?? {}).some((each) => each === undefined)),
  'event: branches': ({ of }) => of('on').some(({ branch }) => branch > 0),
  'event: none': ({ of, states }) => states.length > 1 && of('on').length === 0,
  'guard: named': ({ guards }) => guards.some((guard) => typeof guard === 'string'),
  'guard: inline': ({ guards }) => guards.some((guard) => isFunction(guard) && !('check' in guard)),
  'guard: static params': ({ guards }) => guards.some((guard) => isStatic(paramsOf(guard))),
  'guard: computed params': ({ guards }) => guards.some((guard) => isFunction(paramsOf(guard))),
  'guard: and': ({ guards }) => guards.some((guard) => isGuardOf(guard, 'and')),
  'guard: or': ({ guards }) => guards.some((guard) => isGuardOf(guard, 'or')),
  'guard: not': ({ guards }) => guards.some((guard) => isGuardOf(guard, 'not')),
  'guard: nested': ({ guards }) =>
    guards.some((guard) => innerGuards(guard).some((inner) => innerGuards(inner).length > 0)),
  'guard: stateIn by id': ({ guards }) => guards.some((guard) => typeof stateValueOf(guard) === 'string'),
  'guard: stateIn by value': ({ guards }) => guards.some((guard) => typeof stateValueOf(guard) === 'object'),
  'action: named': ({ actions }) => actions.some((action) => typeof action === 'string'),
  'action: static params': ({ actions }) => actions.some((action) => isStatic(paramsOf(action))),
  'action: computed params': ({ actions }) => actions.some((action) => isFunction(paramsOf(action))),
  'action: inline': ({ actions }) => actions.some((action) => isFunction(action) && !('type' in action)),
  'action: inline with a name': ({ actions }) =>
    actions.some((action) => isFunction(action) && !('type' in action) && action.name === 'sayGoodbye'),
  'action: assign by object': ({ built }) =>
    built('assign').some(({ assignment }) => Object.values(assignment ?? {}).some(isFunction)),
  'action: assign by function': ({ built }) =>
    built('assign').some(({ assignment }) => isFunction(assignment)),
  'action: assign values': ({ built }) =>
    built('assign').some(({ assignment }) => isStatic(Object.values(assignment ?? {})[0])),
  'action: raise': ({ built }) => built('raise').some(({ event }) => isStatic(event)),
  'action: raise, computed': ({ built }) => built('raise').some(({ event }) => isFunction(event)),
  'action: raise with a delay': ({ built }) => built('raise').some(({ delay }) => typeof delay === 'number'),
  'action: raise with a named delay': ({ built }) =>
    built('raise').some(({ delay }) => typeof delay === 'string'),
  'action: raise with a computed delay': ({ built }) => built('raise').some(({ delay }) => isFunction(delay)),
  'action: raise with an id': ({ built }) => built('raise').some(({ id }) => typeof id === 'string'),
  'action: sendTo by id': ({ built }) =>
    built('sendTo').some(({ to }) => typeof to === 'string' && !to.startsWith('#_')),
  'action: sendTo by reference': ({ built }) => built('sendTo').some(({ to }) => isFunction(to)),
  'action: sendTo itself': ({ built }) =>
    built('sendTo').some(({ to }) => isFunction(to) && /=> self$/.test(`${to}`)),
  'action: sendTo an actor of the system': ({ built }) =>
    built('sendTo').some(({ to }) => isFunction(to) && /system\.get/.test(`${to}`)),
  'action: sendTo, computed event': ({ built }) => built('sendTo').some(({ event }) => isFunction(event)),
  'action: sendTo with a delay': ({ built }) => built('sendTo').some(({ delay }) => delay !== undefined),
  'action: sendParent': ({ built }) => built('sendTo').some(({ to }) => to === '#_parent'),
  'action: emit': ({ built }) => built('emit').some(({ event }) => isStatic(event)),
  'action: emit, computed': ({ built }) => built('emit').some(({ event }) => isFunction(event)),
  'action: log': ({ built }) => built('log').length > 0,
  'action: log with a label': ({ built }) => built('log').some(({ label }) => label !== undefined),
  'action: cancel': ({ built }) => built('cancel').some(({ sendId }) => typeof sendId === 'string'),
  'action: cancel, computed': ({ built }) => built('cancel').some(({ sendId }) => isFunction(sendId)),
  'action: spawnChild': ({ built }) => built('spawnChild').length > 0,
  'action: stopChild by id': ({ built }) =>
    built('stopChild').some(({ actorRef }) => typeof actorRef === 'string'),
  'action: stopChild by reference': ({ built }) =>
    built('stopChild').some(({ actorRef }) => isFunction(actorRef)),
  'action: enqueueActions': ({ built }) => built('enqueueActions').length > 0,
  'invoke: named': ({ invokes }) => invokes.some(({ src }) => typeof src === 'string'),
  'invoke: inline': ({ invokes }) => invokes.some(({ src }) => typeof src === 'object'),
  'invoke: with an id': ({ invokes }) => invokes.some(({ id }) => id !== undefined),
  'invoke: with a systemId': ({ invokes }) => invokes.some(({ systemId }) => systemId !== undefined),
  'invoke: static input': ({ invokes }) => invokes.some(({ input }) => isStatic(input)),
  'invoke: computed input': ({ invokes }) => invokes.some(({ input }) => isFunction(input)),
  'invoke: several': ({ states }) => states.some(({ node }) => Array.isArray(node.invoke)),
  'invoke: onDone': ({ invokes }) => invokes.some(({ onDone }) => !!onDone),
  'invoke: onDone as a list': ({ invokes }) => invokes.some(({ onDone }) => Array.isArray(onDone)),
  'invoke: onError': ({ invokes }) => invokes.some(({ onError }) => !!onError),
  'invoke: onError as a list': ({ invokes }) => invokes.some(({ onError }) => Array.isArray(onError)),
  'invoke: onSnapshot': ({ invokes }) => invokes.some(({ onSnapshot }) => !!onSnapshot),
  'invoke: onSnapshot as a list': ({ invokes }) =>
    invokes.some(({ onSnapshot }) => Array.isArray(onSnapshot)),
  'actor: machine': ({ logics }) => logics.some(isMachine),
  'context: static': ({ machine }) => isStatic(machine.config.context),
  'context: computed': ({ machine }) => isFunction(machine.config.context),
  'tags: one': ({ states }) => states.some(({ node }) => typeof node.tags === 'string'),
  'tags: several': ({ states }) => states.some(({ node }) => Array.isArray(node.tags)),
  'meta: of a state': ({ states }) => states.some(({ node }) => node.meta !== undefined),
  'meta: of a transition': ({ transitions }) => transitions.some(({ config }) => config.meta !== undefined),
  'description: of a state': ({ states }) => states.some(({ node }) => !!node.description),
  'description: of a transition': ({ transitions }) => transitions.some(({ config }) => !!config.description),
  'id: of a state': ({ states }) => states.some(({ node, isRoot }) => !isRoot && !!node.id),
  'id: none': ({ machine }) => machine.config.id === undefined,
  'target: by id': ({ targets }) => targets.some((target) => target.startsWith('#')),
  'target: below the source': ({ targets }) => targets.some((target) => target.startsWith('.')),
  'target: below a sibling': ({ targets }) => targets.some((target) => /^\w+\.\w/.test(target)),
  'target: with an escaped dot': ({ targets }) => targets.some((target) => target.includes('\\.')),
  'target: several': ({ transitions }) => transitions.some(({ config }) => listOf(config.target).length > 1),
  'target: none': ({ transitions }) => transitions.some(({ config }) => config.target === undefined),
  'target: itself': ({ transitions }) => transitions.some(isToItself),
  'reenter: itself': ({ transitions }) =>
    transitions.some((each) => each.config.reenter === true && isToItself(each)),
  'reenter: a child': ({ transitions }) =>
    transitions.some(({ config }) => config.reenter === true && `${config.target}`.startsWith('.')),
  'reenter: a parent': ({ transitions }) =>
    transitions.some(({ config }) => config.reenter === true && `${config.target}`.startsWith('#')),
  'reenter: false': ({ transitions }) => transitions.some(({ config }) => config.reenter === false),
  'reenter: without a target': ({ transitions }) =>
    transitions.some(({ config }) => config.reenter === true && config.target === undefined),
  route: ({ states }) => states.some(({ node }) => node.route !== undefined),
  version: ({ machine }) => machine.config.version !== undefined,
  'options: maxIterations': ({ machine }) => machine.config.options?.maxIterations !== undefined,
  'names: not ASCII': ({ names }) => names.some((name) => /[\u4e00-\u9fff]/.test(name)),
  'names: apart in one sign': ({ names }) =>
    ['sign-in', 'sign_in', 'sign in'].every((name) => names.includes(name)),
  'names: quotes': ({ names }) => ['"', "'", '`'].every((mark) => names.some((name) => name.includes(mark))),
  'names: backslash': ({ names }) => names.some((name) => name.includes('\\')),
  'names: newline': ({ names }) => names.some((name) => name.includes('\n')),
  'names: emoji': ({ names }) => names.some((name) => /\p{Extended_Pictographic}/u.test(name)),
  'names: 80 characters': ({ names }) => names.some((name) => name.length >= 79),
  'names: words of languages': ({ names }) =>
    ['note', 'state', 'class', 'end', 'constructor'].every((name) => names.includes(name)),
  'names: dots': ({ states }) => states.some(({ key }) => /\w\.\w/.test(key)),
  'names: empty': ({ states }) => states.some(({ key, isRoot }) => !isRoot && key === ''),
  'names: control characters': ({ names }) => names.some((name) => name.includes('\u0007')),
  'names: from right to left': ({ names }) => names.some((name) => /[\u0590-\u06ff]/.test(name)),
  'size: 40 states': ({ states }) => states.length > 40,
  'size: 300 states': ({ states }) => states.length > 300,
  'size: 12 levels': ({ states }) => states.some(({ depth }) => depth >= 12),
  'size: 60 siblings': ({ states }) =>
    states.some(({ node }) => Object.keys(node.states ?? {}).length === 60),
} satisfies Readonly<Record<string, (parts: Parts) => boolean>>;

/** Features that leave no mark on a machine, or none that differs from others': each machine of the corpus says which it has. */
export const claimedFeatures = [
  'action: forwardTo',
  'action: spawn in assign',
  'action: partial assign',
  'actor: fromPromise',
  'actor: fromCallback',
  'actor: fromObservable',
  'actor: fromEventObservable',
  'actor: fromTransition',
  'actor: itself',
  'context: values that JSON does not have',
  'context: cyclic',
  'meta: cyclic',
  'setup',
  'setup: createAction',
  'setup: createStateConfig',
  'setup: extend',
  'setup: provide',
  'types: children',
  'types: emitted',
  'types: events',
  'types: input',
  'types: meta',
  'types: output',
  'types: tags',
  'start: not before others provide what it names',
] as const;

export type Feature = keyof typeof featureTests | (typeof claimedFeatures)[number];

/** The features of `featureTests` that a machine has. */
export const featuresOf = (machine: AnyStateMachine): readonly Feature[] => {
  const parts = partsOf(machine);
  return Object.entries(featureTests).flatMap(([feature, has]) => (has(parts) ? [feature as Feature] : []));
};
