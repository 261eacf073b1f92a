import { type AnyStateMachine, createMachine, raise, sendTo } from 'xstate';
import { statesBelow, transitionsOf } from '../../../src/statechart/read/model.ts';
import { walk } from '../../../src/statechart/read/walk.ts';

/*
 * Plants faults in machines that have none of the kind: it changes the config by hand, at places where the change is a fault for sure.
 * It uses nothing of the linter.
 */

/** The config of a state, open to change. */
interface Config {
  [part: string]: unknown;
  id?: string;
  type?: string;
  initial?: unknown;
  states?: Record<string, Config>;
  on?: Record<string, unknown>;
  after?: Record<string, unknown>;
  always?: unknown;
  invoke?: unknown;
  entry?: unknown;
}

/** A state of a config. */
interface Site {
  readonly id: string;
  readonly key: string;
  readonly config: Config;
  /** The states around it, the root first. */
  readonly outer: readonly Config[];
}

export interface PlantedFault {
  readonly kind: string;
  /** Rules of which one must find it. */
  readonly rules: readonly string[];
  /** The id of a state, or of a transition; null where XState's message tells only the machine. */
  readonly at: string | null;
  readonly make: () => AnyStateMachine;
}

/** All faults that can be planted in a machine, at most `limit` of a kind. */
export const faultsFor = (machine: AnyStateMachine, limit: number): readonly PlantedFault[] =>
  Object.entries(kinds).flatMap(([kind, { rules, plants }]) =>
    plants(sitesIn(machine), machine)
      .slice(0, limit)
      .map(
        ({ at, change }, index): PlantedFault => ({
          kind,
          rules,
          at,
          make: () => {
            // The same sites in a config of its own.
            const config = copyOf(machine.config) as Config;
            const sites = sitesOf(config, machine.id);
            change(sites, index);
            return createMachine(config as never).provide(
              machine.implementations as never,
            ) as AnyStateMachine;
          },
        }),
      ),
  );

interface Plant {
  readonly at: string | null;
  readonly change: (sites: readonly Site[], index: number) => void;
}

interface Kind {
  readonly rules: readonly string[];
  readonly plants: (sites: readonly Site[], machine: AnyStateMachine) => readonly Plant[];
}

const structural: ReadonlySet<string> = new Set([
  'states',
  'on',
  'after',
  'always',
  'invoke',
  'onDone',
  'onError',
  'onSnapshot',
]);

/** Of what makes the form of a chart; all else is shared. */
const copyOf = (value: unknown, isOpen = true): unknown => {
  if (!isOpen || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => copyOf(each));
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, isPart(value, key) ? copyOf(part) : part]),
  );
};

/** In a table of states, events or delays every key is a part of the form. */
const isPart = (value: object, key: string): boolean =>
  structural.has(key) ||
  (!('src' in value) &&
    isObjectLike((value as Config)[key]) &&
    ![
      'context',
      'meta',
      'guard',
      'actions',
      'entry',
      'exit',
      'input',
      'output',
      'params',
      'types',
      'schemas',
      'tags',
    ].includes(key));

const isObjectLike = (value: unknown): boolean => typeof value === 'object' && value !== null;

const sitesIn = (machine: AnyStateMachine): readonly Site[] => sitesOf(machine.config as Config, machine.id);

const sitesOf = (root: Config, machineId: string): readonly Site[] => {
  const visit = (config: Config, path: readonly string[], outer: readonly Config[]): readonly Site[] => [
    { id: config.id ?? [machineId, ...path].join('.'), key: path.at(-1) ?? '', config, outer },
    ...Object.entries(config.states ?? {}).flatMap(([key, child]) =>
      visit(child, [...path, key], [...outer, config]),
    ),
  ];
  return visit(root, [], []);
};

const at = (sites: readonly Site[], id: string): Config => sites.find((site) => site.id === id)!.config;

const isCompound = ({ config }: Site): boolean =>
  config.type !== 'parallel' && config.states !== undefined && Object.keys(config.states).length > 0;

const isAtomic = ({ config }: Site): boolean =>
  config.type === undefined && config.history === undefined && Object.keys(config.states ?? {}).length === 0;

const isInParallel = ({ outer }: Site): boolean => outer.some(({ type }) => type === 'parallel');

const handles = (sites: readonly Site[], pattern: RegExp): boolean =>
  sites.some(({ config }) => Object.keys(config.on ?? {}).some((key) => pattern.test(key)));

const branchesOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];

const asBranch = (branch: unknown): Record<string, unknown> =>
  typeof branch === 'string' ? { target: branch } : { ...(branch as Record<string, unknown>) };

/** Each event of each state. */
const eventsOf = (sites: readonly Site[]) =>
  sites.flatMap((site) =>
    Object.entries(site.config.on ?? {})
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => ({ site, key, branches: branchesOf(value) })),
  );

const isPlain = (key: string): boolean => /^[\w-]+$/.test(key);

const leadsSomewhere = ({ on, always, after, onDone, invoke }: Config): boolean =>
  [on, always, after, onDone, invoke].some((part) => part !== undefined);

const kinds: Readonly<Record<string, Kind>> = {
  'a state that nothing leads to': {
    rules: ['unreachable-state'],
    plants: (sites) =>
      sites.filter(isCompound).map(({ id }) => ({
        at: `${id}.planted`,
        change: (own) => {
          at(own, id).states!.planted = { id: `${id}.planted`, on: { PLANTED: {} } };
        },
      })),
  },
  'the only way to a state is cut': {
    rules: ['unreachable-state'],
    plants: (sites, machine) => {
      const chart = walk(machine);
      const states = statesBelow(chart.root);
      if (states.some(({ type }) => type === 'history')) return [];
      const entered = new Set(states.flatMap(({ initial }) => initial));
      return transitionsOf(chart).flatMap(({ source, trigger, kind, branches, targets }) => {
        const [target] = targets;
        if (kind !== 'event' || branches !== 1 || target === undefined || target === source) return [];
        const below = statesBelow(states.find(({ id }) => id === target)!).map(({ id }) => id);
        const ways = transitionsOf(chart).filter(
          (each) => !below.includes(each.source) && each.targets.some((id) => below.includes(id)),
        );
        if (ways.length !== 1 || entered.has(target) || below.includes(source)) return [];
        if (sites.every(({ id }) => id !== source)) return [];
        return [
          {
            at: target,
            change: (own: readonly Site[]) => {
              const { target: _, ...others } = asBranch(branchesOf(at(own, source).on![trigger])[0]);
              at(own, source).on![trigger] = others;
            },
          },
        ];
      });
    },
  },
  'a branch without a guard before the others': {
    rules: ['transition-never-fires'],
    plants: (sites) =>
      eventsOf(sites).map(({ site: { id }, key, branches }) => ({
        at: `${id}/${key}/1`,
        change: (own) => {
          at(own, id).on![key] = [{ description: 'planted' }, ...branches];
        },
      })),
  },
  'the same guard once more': {
    rules: ['transition-never-fires'],
    plants: (sites) =>
      eventsOf(sites)
        .filter(({ branches }) => branches.some((branch) => typeof asBranch(branch).guard === 'string'))
        .map(({ site: { id }, key, branches }) => ({
          at: `${id}/${key}/${branches.length}`,
          change: (own) => {
            const { guard } = branches.map(asBranch).find((branch) => typeof branch.guard === 'string')!;
            at(own, id).on![key] = [...branches, { guard, description: 'planted' }];
          },
        })),
  },
  'every state inside takes the event': {
    rules: ['transition-never-fires'],
    plants: (sites) =>
      eventsOf(sites)
        .filter(({ site, key }) => isCompound(site) && !key.includes('*'))
        .map(({ site: { id }, key }) => ({
          at: `${id}/${key}/0`,
          change: (own) => {
            for (const child of Object.values(at(own, id).states!)) {
              if (child.history === undefined && child.type !== 'history')
                child.on = { ...child.on, [key]: {} };
            }
          },
        })),
  },
  'a region takes the event': {
    rules: ['transition-never-fires'],
    plants: (sites) =>
      eventsOf(sites)
        .filter(({ site, key }) => site.config.type === 'parallel' && !key.includes('*'))
        .map(({ site: { id }, key }) => ({
          at: `${id}/${key}/0`,
          change: (own) => {
            const [region] = Object.values(at(own, id).states!);
            region!.on = { ...region!.on, [key]: {} };
          },
        })),
  },
  'an always transition that leaves at once': {
    rules: ['transition-never-fires'],
    plants: (sites) =>
      sites
        .filter((site) => isAtomic(site) && !isInParallel(site) && site.outer.length > 0)
        .filter(({ config }) => Object.values(config.on ?? {}).some((value) => value !== undefined))
        .map(({ id, config }) => ({
          at: `${id}/${Object.entries(config.on!).find(([, value]) => value !== undefined)![0]}/0`,
          change: (own) => {
            const site = own.find((each) => each.id === id)!;
            site.outer.at(-1)!.states!.planted = { on: { PLANTED: {} } };
            site.config.always = { target: 'planted' };
          },
        })),
  },
  'a target that does not exist': {
    rules: ['missing-target'],
    plants: (sites) =>
      eventsOf(sites)
        .filter(({ site }) => site.outer.length > 0)
        .map(({ site: { id }, key }) => ({
          at: id,
          change: (own) => {
            at(own, id).on![key] = 'plantedNowhere';
          },
        })),
  },
  'an id that does not exist': {
    rules: ['missing-target'],
    plants: (sites) =>
      eventsOf(sites).map(({ site: { id }, key }) => ({
        at: null,
        change: (own) => {
          at(own, id).on![key] = { target: '#plantedNowhere' };
        },
      })),
  },
  'no initial state': {
    rules: ['initial-missing'],
    plants: (sites) =>
      sites.filter(isCompound).map(({ id }) => ({
        at: id,
        change: (own) => {
          delete at(own, id).initial;
        },
      })),
  },
  'an initial state that does not exist': {
    rules: ['initial-missing'],
    plants: (sites) =>
      sites.filter(isCompound).map(({ id }) => ({
        at: id,
        change: (own) => {
          at(own, id).initial = 'plantedNowhere';
        },
      })),
  },
  'two states that always lead to one another': {
    rules: ['always-loop'],
    plants: (sites) =>
      sites.filter(isCompound).map(({ id }) => ({
        at: `${id}.planted`,
        change: (own) => {
          const config = at(own, id);
          config.states!.planted = { id: `${id}.planted`, always: 'plantedToo' };
          config.states!.plantedToo = { always: 'planted' };
          config.on = { ...config.on, PLANTED: '.planted' };
        },
      })),
  },
  'a state without a way out': {
    rules: ['dead-end'],
    plants: (sites) =>
      sites
        .filter((site) => isCompound(site) && !isInParallel(site))
        .filter(({ outer, config }) => [...outer, config].every((each) => !leadsSomewhere(each)))
        .map(({ id }) => {
          // XState reads dots in an id as a path.
          const planted = `${id.replaceAll('.', '-')}-planted`;
          return {
            at: planted,
            change: (own) => {
              const config = at(own, id);
              const first =
                config.states![String((config.initial as { target?: string }).target ?? config.initial)]!;
              first.on = { ...first.on, PLANTED: { target: `#${planted}` } };
              config.states!.planted = { id: planted };
            },
          };
        }),
  },
  'a transition of a final state': {
    rules: ['final-with-transitions'],
    plants: (sites) =>
      sites
        .filter(({ config }) => config.type === 'final')
        .map(({ id }) => ({
          at: id,
          change: (own) => {
            at(own, id).on = { PLANTED: {} };
          },
        })),
  },
  'an event that nobody handles': {
    rules: ['unhandled-event'],
    plants: (sites) =>
      handles(sites, /^\*$/)
        ? []
        : sites.filter(isAtomic).map(({ id }) => ({
            at: id,
            change: (own) => {
              const config = at(own, id);
              config.entry = [...branchesOf(config.entry), raise({ type: 'PLANTED' } as never)];
            },
          })),
  },
  'a context that JSON does not have': {
    rules: ['non-serializable-context'],
    plants: (sites, machine) => {
      const context: unknown = machine.config.context;
      if (typeof context === 'function') return [];
      const cyclic: Record<string, unknown> = {};
      cyclic.itself = cyclic;
      class Money {
        amount = 1;
      }
      return [new Map([[1, 2]]), new Set([1]), 3n, new Date(0), cyclic, new Money(), () => 1].map(
        (value) => ({
          at: sites[0]!.id,
          change: ([root]) => {
            root!.config.context = { ...(context as object), planted: value };
          },
        }),
      );
    },
  },
  'a guard that is not bound': {
    rules: ['unbound-name'],
    plants: (sites, machine) =>
      Object.keys(machine.implementations.guards).length === 0
        ? []
        : eventsOf(sites)
            .filter(({ branches }) => branches.some((branch) => typeof asBranch(branch).guard === 'string'))
            .map(({ site: { id }, key, branches }) => ({
              at: id,
              change: (own) => {
                at(own, id).on![key] = branches.map((branch) =>
                  typeof asBranch(branch).guard === 'string'
                    ? { ...asBranch(branch), guard: 'isPlanted' }
                    : branch,
                );
              },
            })),
  },
  'an action that is not bound': {
    rules: ['unbound-name'],
    plants: (sites, machine) =>
      Object.keys(machine.implementations.actions).length === 0
        ? []
        : sites.filter(isAtomic).map(({ id }) => ({
            at: id,
            change: (own) => {
              const config = at(own, id);
              config.entry = [...branchesOf(config.entry), 'planted'];
            },
          })),
  },
  'a failure that nobody handles': {
    rules: ['invoke-without-onerror'],
    plants: (sites) =>
      handles(sites, /^\*$|^xstate\.error/)
        ? []
        : sites
            .filter(({ config }) => {
              const invoke = config.invoke as
                | { onDone?: unknown; onError?: unknown; src?: unknown }
                | undefined;
              return invoke?.onDone !== undefined && invoke.onError !== undefined;
            })
            .map(({ id }) => ({
              at: id,
              change: (own) => {
                const { onError: _, ...others } = at(own, id).invoke as { onError: unknown };
                at(own, id).invoke = others;
              },
            })),
  },
  'a target to itself that restarts nothing': {
    rules: ['reenter-trap'],
    plants: (sites) =>
      sites
        .filter(
          ({ key, outer, config }) =>
            outer.length > 0 && isPlain(key) && config.type === undefined && config.history === undefined,
        )
        .filter(
          ({ config }) =>
            config.entry !== undefined || config.exit !== undefined || config.after !== undefined,
        )
        .filter(({ config }) => config.always === undefined)
        .map(({ id, key }) => ({
          at: `${id}/PLANTED/0`,
          change: (own) => {
            const config = at(own, id);
            config.on = { ...config.on, PLANTED: key };
          },
        })),
  },
  'regions that raise in a circle': {
    rules: ['regions-raise-in-circles'],
    plants: (sites) =>
      sites
        .filter(({ config }) => config.type === 'parallel' && Object.keys(config.states ?? {}).length > 1)
        .map(({ id }) => ({
          at: null,
          change: (own) => {
            const [one, other] = Object.values(at(own, id).states!);
            one!.on = { ...one!.on, PLANTED: { actions: raise({ type: 'PLANTED_TOO' } as never) } };
            other!.on = { ...other!.on, PLANTED_TOO: { actions: raise({ type: 'PLANTED' } as never) } };
          },
        })),
  },
  'an event that raises itself': {
    rules: ['raise-loop'],
    plants: (sites) =>
      sites
        .filter((site) => isAtomic(site) && site.config.always === undefined)
        .map(({ id }) => ({
          at: `${id}/PLANTED/0`,
          change: (own) => {
            const config = at(own, id);
            config.on = { ...config.on, PLANTED: { actions: raise({ type: 'PLANTED' } as never) } };
          },
        })),
  },
  'a delay by a number': {
    rules: ['unnamed-delay'],
    plants: (sites) =>
      sites.flatMap(({ id, config }) =>
        Object.keys(config.after ?? {})
          .filter((delay) => Number.isNaN(Number(delay)))
          .map((delay) => ({
            at: `${id}/after:12345/0`,
            change: (own: readonly Site[]) => {
              const { [delay]: moved, ...others } = at(own, id).after!;
              at(own, id).after = { ...others, 12345: moved };
            },
          })),
      ),
  },
  'a wildcard that takes the timer of a state around it': {
    rules: ['wildcard-hides', 'transition-never-fires'],
    plants: (sites) =>
      sites
        .filter((site) => isCompound(site) && site.config.after !== undefined)
        .flatMap(({ config }) => Object.entries(config.states!))
        .flatMap(([, child]) => sites.filter(({ config }) => config === child))
        .filter(
          (site) => isAtomic(site) && site.config.on?.['*'] === undefined && site.config.always === undefined,
        )
        .map(({ id }) => ({
          at: null,
          change: (own) => {
            at(own, id).on = { ...at(own, id).on, '*': {} };
          },
        })),
  },
  'a star that is no wildcard': {
    rules: ['bad-wildcard'],
    plants: (sites) =>
      sites.filter(isAtomic).map(({ id }) => ({
        at: `${id}/planted*/0`,
        change: (own) => {
          at(own, id).on = { ...at(own, id).on, 'planted*': {} };
        },
      })),
  },
  'an event to an actor that does not exist': {
    rules: ['unknown-actor'],
    plants: (sites, machine) =>
      /spawn/.test(JSON.stringify(walk(machine)))
        ? []
        : sites.filter(isAtomic).map(({ id }) => ({
            at: id,
            change: (own) => {
              const config = at(own, id);
              config.entry = [
                ...branchesOf(config.entry),
                sendTo('plantedActor', { type: 'PLANTED' } as never),
              ];
            },
          })),
  },
  'one id twice': {
    rules: ['duplicate-id'],
    plants: (sites) =>
      sites.filter(isCompound).flatMap(({ id, config }) => {
        const keys = Object.entries(config.states!)
          .filter(([, child]) => child.id === undefined)
          .map(([key]) => key);
        return keys.length < 2
          ? []
          : [
              {
                at: 'planted',
                change: (own: readonly Site[]) => {
                  for (const key of keys.slice(0, 2)) at(own, id).states![key]!.id = 'planted';
                },
              },
            ];
      }),
  },
};
