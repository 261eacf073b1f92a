import type { Checked } from '../../check/check-command.ts';
import type { Key, Operation } from '../../check/operation.ts';
import { type OrderedOperation, pictureOrder } from '../../check/picture-order.ts';
import { called, operationText } from '../../check/verdict-text.ts';

/** An operation as a bar from its invocation to its completion. Times are columns, from 0. */
export interface Bar {
  readonly row: number;
  readonly from: number;
  /** Null: it never completed, or nobody knows whether it did. */
  readonly to: number | null;
  readonly call: string;
  readonly text: string;
  /** Its place in the order, from 1, with the states around it; null if it is in none. */
  readonly placed: {
    readonly number: number;
    readonly at: number;
    readonly before: string;
    readonly after: string;
  } | null;
  /** True of the operation that no order has a place for. */
  readonly isCulprit: boolean;
  /** Of that operation: the states of the order while it was under way. */
  readonly meanwhile: readonly string[];
}

export interface HistoryPicture {
  readonly title: string;
  readonly verdict: 'linearizable' | 'notLinearizable' | 'unknown';
  /** What the picture shows, sentence by sentence. */
  readonly sentences: readonly string[];
  readonly rows: readonly string[];
  /** In order of invocation. */
  readonly bars: readonly Bar[];
  readonly columnCount: number;
  /** Where no order goes on. */
  readonly stopsAt: number | null;
}

/** More bars than this tell nobody anything. */
const maxBars = 250;

/** The timeline of the first violation, or of the key with the most operations if there is none. */
export const historyPicture = ({ name, meant, verdict, places }: Checked): HistoryPicture => {
  const violation = verdict.result === 'notLinearizable' ? verdict.violations[0] : null;
  const key =
    violation === null
      ? busiestKey(meant.kind === 'values' ? meant.history.operations : meant.operations)
      : violation.key;
  // One event less can be explained: the culprit is still open there.
  const end = violation === null ? Number.POSITIVE_INFINITY : violation.position - 1;
  const { operations, order, isWhole } = pictureOrder(meant, key, end);
  const culprit = violation?.operation;
  const last = violation?.position ?? Number.POSITIVE_INFINITY;
  const shown = operations.slice(-maxBars);
  const columns = columnsOf(shown, last);
  const { rows, rowOf } = rowsOf(shown, last);
  const points = pointsOf(
    order.map(({ operation }) => operation),
    columns,
  );
  const placed = new Map(
    order.map((each, index) => [each.operation, { ...each, number: index + 1, at: points[index]! }]),
  );
  const wording = { places, describeState: String };
  const bars = shown.map((operation): Bar => {
    const isOpen = operation.outcome === 'info' || operation.completedAt > last;
    const isCulprit = operation === culprit;
    const place = isCulprit ? undefined : placed.get(operation);
    return {
      row: rowOf.get(operation)!,
      from: columns.get(operation.invokedAt)!,
      to: isOpen ? null : columns.get(operation.completedAt)!,
      call: called(operation),
      text: operationText(operation, wording),
      placed:
        place === undefined
          ? null
          : { number: place.number, at: place.at, before: place.before, after: place.after },
      isCulprit,
      meanwhile: isCulprit ? statesFrom(order, points, columns.get(operation.invokedAt)!) : [],
    };
  });
  return {
    title: name,
    verdict: verdict.result,
    sentences: sentencesOf({
      key,
      order: order.length,
      isWhole,
      culprit,
      left: operations.length - shown.length,
    }),
    rows,
    bars,
    columnCount: columns.size,
    stopsAt: culprit === undefined ? null : columns.get(culprit.completedAt)!,
  };
};

/** Each once: that which an operation of the order finds at column `from`, and those after it. */
const statesFrom = (
  order: readonly OrderedOperation[],
  points: readonly number[],
  from: number,
): readonly string[] => {
  const later = order.filter((_, index) => points[index]! > from);
  const found = later[0]?.before ?? order.at(-1)?.after;
  return [...new Set([...(found === undefined ? [] : [found]), ...later.map(({ after }) => after)])];
};

const busiestKey = (operations: readonly Operation[]): Key => {
  const byKey = Map.groupBy(operations, ({ key }) => key);
  return [...byKey].reduce((most, each) => (each[1].length > most[1].length ? each : most))[0];
};

const sentencesOf = (shown: {
  readonly key: Key;
  readonly order: number;
  readonly isWhole: boolean;
  readonly culprit: Operation | undefined;
  readonly left: number;
}): readonly string[] => {
  const { key, order, isWhole, culprit, left } = shown;
  return [
    `Key ${JSON.stringify(key)}.`,
    isWhole
      ? `The numbers are one order of ${order} operations that explains all results${culprit === undefined ? '' : ' up to the mark'}.`
      : `The numbers are the longest order that was found, of ${order} operations; the search for a longer one was given up.`,
    ...(culprit === undefined
      ? []
      : [`No order has a place for ${called(culprit)} by process ${culprit.process}, marked ✗.`]),
    ...(left === 0 ? [] : [`${left} earlier operations are left out.`]),
  ];
};

/** Events that are next to each other are in columns next to each other. */
const columnsOf = (operations: readonly Operation[], last: number): ReadonlyMap<number, number> => {
  const positions = operations.flatMap(({ invokedAt, completedAt, outcome }) =>
    outcome === 'info' || completedAt > last ? [invokedAt] : [invokedAt, completedAt],
  );
  return new Map(positions.sort((a, b) => a - b).map((position, column) => [position, column]));
};

/** A row a client; a further one where it has several operations at a time. */
const rowsOf = (operations: readonly Operation[], last: number) => {
  const rows: { readonly name: string; end: number }[] = [];
  const rowOf = new Map<Operation, number>();
  const clients = [...new Set(operations.map(clientOf))].sort((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  );
  for (const client of clients) {
    const first = rows.length;
    for (const operation of operations.filter((each) => clientOf(each) === client)) {
      const isOpen = operation.outcome === 'info' || operation.completedAt > last;
      let row = rows.findIndex(({ end }, index) => index >= first && end < operation.invokedAt);
      if (row === -1) row = rows.push({ name: client, end: 0 }) - 1;
      rows[row]!.end = isOpen ? Number.POSITIVE_INFINITY : operation.completedAt;
      rowOf.set(operation, row);
    }
  }
  return { rows: rows.map(({ name }) => name), rowOf };
};

const clientOf = ({ process }: Operation): string => String(process).replace(/\/\d+$/, '');

/** Where each operation of an order takes effect: between two events, in turn with those that do so between the same two. */
const pointsOf = (order: readonly Operation[], columns: ReadonlyMap<number, number>): readonly number[] => {
  let slot = 0;
  const slots = order.map(({ invokedAt }) => {
    slot = Math.max(slot, columns.get(invokedAt) ?? 0);
    return slot;
  });
  const counts = new Map<number, number>();
  for (const each of slots) counts.set(each, (counts.get(each) ?? 0) + 1);
  const turns = new Map<number, number>();
  return slots.map((each) => {
    const turn = (turns.get(each) ?? 0) + 1;
    turns.set(each, turn);
    return each + turn / (counts.get(each)! + 1);
  });
};
