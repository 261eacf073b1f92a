import {
  type Compare,
  type Entry,
  entriesBefore,
  type Held,
  isIn,
  type Keys,
  ordered,
  type Told,
  type Txn,
  type TxnOperation,
} from './txn-operation.ts';

/** What stands under a key. */
export interface Stored {
  readonly value: Held;
  /** Writes since the key came into being, from 1 on. */
  readonly version: number;
  /** Of the store, when the key came into being and when it was written last. */
  readonly createRevision: number;
  readonly modRevision: number;
}

/** A store of several keys. `revision` rises by one with each operation that changes something, however much. */
export interface StoreState {
  readonly revision: number;
  readonly stored: ReadonlyMap<string, Stored>;
}

/** What anything in a history tells of beside values. What nobody is told is not counted, so that states are equal that nobody can tell apart. */
export interface Watched {
  readonly versions: boolean;
  readonly revisions: boolean;
}

/** As etcd's. */
export const emptyStore: StoreState = { revision: 1, stored: new Map() };

/** The state after `operation`; null: a client cannot have been told this of it. `told` undefined: it may have been told anything. */
export const stateAfter = (
  state: StoreState,
  operation: TxnOperation,
  told: Told | undefined,
  watched: Watched,
): StoreState | null => {
  const performed = new Performed(state, watched);
  if (!performed.do(operation, told ?? {})) return null;
  const after = performed.state;
  return told?.revision === undefined || told.revision === after.revision ? after : null;
};

/** One operation while it is performed, with all its parts. */
class Performed {
  readonly #before: StoreState;
  readonly #watched: Watched;
  /** Its own once something is written. */
  #stored: Map<string, Stored> | null = null;

  constructor(before: StoreState, watched: Watched) {
    this.#before = before;
    this.#watched = watched;
  }

  get state(): StoreState {
    if (this.#stored === null) return this.#before;
    return { revision: this.#nextRevision, stored: this.#stored };
  }

  /** False: it was not told so. */
  do(operation: TxnOperation, told: Told): boolean {
    switch (operation.f) {
      case 'range': {
        const found = this.#found(operation.keys);
        const shown = operation.limit === null ? found : found.slice(0, operation.limit);
        return (
          (told.count ?? found.length) === found.length &&
          (told.pairs === undefined || areTold(shown, told.pairs))
        );
      }
      case 'put': {
        const { key, value } = operation;
        const isTold = told.previous === undefined || areTold(this.#found({ key }), entriesBefore(told));
        this.#put(key, value);
        return isTold;
      }
      case 'delete': {
        const found = this.#found(operation.keys);
        for (const [key] of found) this.#own().delete(key);
        return (
          (told.deleted ?? found.length) === found.length &&
          (told.previous === undefined || areTold(found, entriesBefore(told)))
        );
      }
      case 'txn': {
        const { compares, success, failure } = operation;
        const succeeded = compares.every((compare) => holds(compare, this.#before));
        if ((told.succeeded ?? succeeded) !== succeeded) return false;
        return (succeeded ? success : failure).every((part, at) => this.do(part, told.results?.[at] ?? {}));
      }
    }
  }

  get #nextRevision(): number {
    return this.#watched.revisions ? this.#before.revision + 1 : this.#before.revision;
  }

  #found(keys: Keys): readonly (readonly [string, Stored])[] {
    return foundIn(this.#stored ?? this.#before.stored, keys);
  }

  #put(key: string, value: Held): void {
    const { versions, revisions } = this.#watched;
    const before = (this.#stored ?? this.#before.stored).get(key);
    const modRevision = revisions ? this.#nextRevision : 0;
    this.#own().set(key, {
      value,
      version: versions && before !== undefined ? before.version + 1 : 1,
      createRevision: before?.createRevision ?? modRevision,
      modRevision,
    });
  }

  #own(): Map<string, Stored> {
    this.#stored ??= new Map(this.#before.stored);
    return this.#stored;
  }
}

const foundIn = (stored: ReadonlyMap<string, Stored>, keys: Keys): readonly (readonly [string, Stored])[] => {
  if ('key' in keys) {
    const only = stored.get(keys.key);
    return only === undefined ? [] : [[keys.key, only]];
  }
  return [...stored].filter(([key]) => isIn(keys, key)).sort(([a], [b]) => ordered(a, b));
};

const areTold = (found: readonly (readonly [string, Stored])[], told: readonly Entry[]): boolean =>
  found.length === told.length &&
  found.every(([key, stored], at) => {
    const entry = told[at]!;
    return entry.key === key && fields.every((field) => (entry[field] ?? stored[field]) === stored[field]);
  });

const fields = ['value', 'version', 'createRevision', 'modRevision'] as const;

const holds = ({ keys, field, is, operand }: Compare, { stored }: StoreState): boolean => {
  const found = foundIn(stored, keys);
  if (found.length === 0) return field !== 'value' && isSo(0, is, operand);
  return found.every(([, each]) => isSo(each[field], is, operand));
};

/** Between a value and an operand. */
export const isSo = (held: Held, is: Compare['is'], operand: Held): boolean => {
  if (is === '=') return held === operand;
  if (is === '!=') return held !== operand;
  // Between values of different types there is no order.
  if (typeof held !== typeof operand) return false;
  const order = typeof held === 'string' ? ordered(held, operand as string) : Number(held) - Number(operand);
  return is === '<' ? order < 0 : order > 0;
};

/** Every operation in a transaction that may be performed, given what was told of it. */
export const partsOf = (operation: TxnOperation, told: Told | undefined): readonly PartTold[] => {
  if (operation.f !== 'txn') return [{ part: operation, told }];
  return branchesOf(operation, told).flatMap(({ parts, results }) =>
    parts.flatMap((part, at) => partsOf(part, results?.[at])),
  );
};

export interface PartTold {
  readonly part: Exclude<TxnOperation, Txn>;
  readonly told: Told | undefined;
}

interface Branch {
  readonly parts: readonly TxnOperation[];
  readonly results: readonly Told[] | undefined;
}

const branchesOf = ({ compares, success, failure }: Txn, told: Told | undefined): readonly Branch[] => {
  const succeeded = compares.length === 0 ? true : told?.succeeded;
  if (succeeded === undefined)
    return [
      { parts: success, results: undefined },
      { parts: failure, results: undefined },
    ];
  return [{ parts: succeeded ? success : failure, results: told?.results }];
};

/** Whether it is known which of its parts are performed, whatever the state. */
export const isOneBranch = (operation: TxnOperation, told: Told | undefined): boolean => {
  if (operation.f !== 'txn') return true;
  const [branch, other] = branchesOf(operation, told);
  return other === undefined && branch!.parts.every((part, at) => isOneBranch(part, branch!.results?.[at]));
};

/** The compares of a transaction, and of those within it that may be performed. */
export const comparesOf = (operation: TxnOperation, told: Told | undefined): readonly Compare[] => {
  if (operation.f !== 'txn') return [];
  const inner = branchesOf(operation, told).flatMap(({ parts, results }) =>
    parts.flatMap((part, at) => comparesOf(part, results?.[at])),
  );
  return [...operation.compares, ...inner];
};
