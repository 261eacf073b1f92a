import { type AnyStateMachine, and, createMachine, not, or, raise } from 'xstate';

export const eventTypes = ['E', 'F', 'user.in', 'user.out', 'user'] as const;
const descriptors = [...eventTypes, '*', 'user.*'];

interface Node {
  readonly [part: string]: unknown;
}

/** A machine of random form. Its guards `g` and `h` answer what `answers` says at the time. */
export const randomMachine = (random: () => number, answers: { g: boolean; h: boolean }): AnyStateMachine => {
  const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)]!;
  const ids: string[] = [];
  const guard = () =>
    pick([
      undefined,
      undefined,
      'g',
      'h',
      not('g'),
      not('h'),
      and(['g', 'h']),
      or(['g', not('h')]),
      () => false,
      ({ event }: { event: { type: string } }) => event.type === 'E',
    ]);
  const branch = (): object | undefined => {
    if (random() < 0.08) return undefined;
    const asked = guard();
    return {
      ...(asked === undefined ? {} : { guard: asked }),
      ...(random() < 0.75 ? { target: () => `#${pick(ids)}` } : {}),
      ...(random() < 0.15 ? { reenter: true } : {}),
      ...(random() < 0.1 ? { actions: raise({ type: pick(eventTypes) } as never) } : {}),
    };
  };
  const branches = () => (random() < 0.5 ? branch() : [branch(), branch()].map((each) => each ?? {}));
  const handlers = (chance: number, keys: readonly string[]) =>
    Object.fromEntries(keys.filter(() => random() < chance).map((key) => [key, branches()]));
  const state = (depth: number, id: string): Node => {
    ids.push(id);
    const common = {
      id,
      ...(random() < 0.75 ? { on: handlers(0.3, descriptors) } : {}),
      ...(random() < 0.15 ? { always: branches() ?? {} } : {}),
      ...(random() < 0.2 ? { after: handlers(0.6, ['10', '20', 'long']) } : {}),
    };
    const kind = random();
    if (depth === 0 || kind < 0.35) return kind < 0.07 && depth < 3 ? { id, type: 'final' } : common;
    const count = 2 + Math.floor(random() * 2);
    const keys = Array.from({ length: count }, (_, at) => `${'pqrs'[at]}`);
    const states: Record<string, Node> = Object.fromEntries(
      keys.map((key) => [key, state(depth - 1, `${id}${key}`)]),
    );
    const done = random() < 0.3 ? { onDone: branches() ?? {} } : {};
    if (kind > 0.8) return { ...common, ...done, type: 'parallel', states };
    if (random() < 0.25) {
      ids.push(`${id}hist`);
      states.hist = { id: `${id}hist`, type: 'history', history: pick(['shallow', 'deep']) };
    }
    return { ...common, ...done, initial: pick(keys), states };
  };
  const { id: _, ...root } = state(3, 'm') as { readonly id: string };
  return createMachine({ ...resolved(root), id: 'm', options: { maxIterations: 60 } } as never).provide({
    guards: { g: () => answers.g, h: () => answers.h },
    delays: { long: 50 },
  } as never) as AnyStateMachine;
};

/** Targets are chosen once all states are there. */
const resolved = (value: unknown): object => {
  const copy = (each: unknown): unknown => {
    if (Array.isArray(each)) return each.map(copy);
    if (typeof each !== 'object' || each === null) return each;
    return Object.fromEntries(
      Object.entries(each).map(([key, part]) => [
        key,
        key === 'target' && typeof part === 'function' ? part() : copy(part),
      ]),
    );
  };
  return copy(value) as object;
};
