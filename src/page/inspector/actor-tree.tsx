import { computed, signal } from '@preact/signals';
import type { InspectedActor, InspectedProgram } from '../../statechart/inspect/inspected-system.ts';
import { nameOfValue } from '../../statechart/read/state-name.ts';
import { ownKeys } from '../own-keys.ts';
import { choose, chosenKey, programs } from '../state/inspected.ts';
import { Rows, useRowsInSight } from './rows-in-sight.tsx';

/** Keys of programs (`1`) and actors (`1/x:0`) whose children are hidden. */
const closed = signal<ReadonlySet<string>>(new Set());
/** The row that the keyboard is on. */
const focused = signal<string | null>(null);

interface Row {
  readonly key: string;
  readonly parent: string | null;
  readonly level: number;
  /** Among how many rows with the same parent it stands, and where: from 1. */
  readonly among: number;
  readonly place: number;
  readonly hasChildren: boolean;
  readonly program: InspectedProgram;
  readonly actor: InspectedActor | null;
}

/** Programs and their actors, those that are gone last. */
const treeRows = computed<readonly Row[]>(() => {
  const rowsOf = (row: Row): readonly Row[] => {
    const { key, level, program, actor } = row;
    if (closed.value.has(key)) return [row];
    const children = actor?.children ?? program.roots;
    return [
      row,
      ...children.flatMap((child, at) =>
        rowsOf({
          key: child.key,
          parent: key,
          level: level + 1,
          among: children.length,
          place: at + 1,
          hasChildren: child.children.length > 0,
          program,
          actor: child,
        }),
      ),
    ];
  };
  const shown = programs.value
    .filter(({ roots, isConnected }) => isConnected || roots.length > 0)
    .toSorted((a, b) => Number(b.isConnected) - Number(a.isConnected));
  return shown.flatMap((program, at) =>
    rowsOf({
      key: `${program.number}`,
      parent: null,
      level: 1,
      among: shown.length,
      place: at + 1,
      hasChildren: program.roots.length > 0,
      program,
      actor: null,
    }),
  );
});

/** Only rows in sight are in the document. */
export const ActorTree = () => {
  const all = treeRows.value;
  const placeOf = (wanted: string | null): number => all.findIndex(({ key }) => key === wanted);
  const at = placeOf(focused.value) >= 0 ? placeOf(focused.value) : placeOf(chosenKey.value);
  const { box, onScroll, first, end } = useRowsInSight(all.length, at, [focused.value, chosenKey.value]);
  const here = Math.max(0, at);
  const row = all[here];
  const isOpen = row?.hasChildren && !closed.value.has(row.key);
  const onKey = ownKeys({
    ArrowDown: () => enter(all[here + 1]),
    ArrowUp: () => enter(all[here - 1]),
    Home: () => enter(all[0]),
    End: () => enter(all.at(-1)),
    ArrowRight: () => (isOpen ? enter(all[here + 1]) : row?.hasChildren && turn(row.key)),
    ArrowLeft: () => (isOpen ? turn(row!.key) : enter(all[placeOf(row?.parent ?? null)])),
    Enter: () => press(row),
    ' ': () => press(row),
  });
  return (
    <section class="actors" aria-label="Actors">
      <div
        ref={box}
        class="tree"
        role="tree"
        aria-label="Programs and their actors"
        tabIndex={0}
        aria-activedescendant={at >= first && at < end ? `actor-${all[at]!.key}` : undefined}
        onScroll={onScroll}
        onKeyDown={onKey}
      >
        <Rows count={all.length} first={first}>
          {all.slice(first, end).map((each, place) => (
            <TreeRow key={each.key} row={each} isFocused={first + place === at} />
          ))}
        </Rows>
      </div>
    </section>
  );
};

const enter = (row: Row | undefined): void => {
  if (row === undefined) return;
  focused.value = row.key;
  if (row.actor !== null) choose(row.key);
};

const press = (row: Row | undefined): void => {
  if (row === undefined) return;
  if (row.actor === null) turn(row.key);
  else choose(row.key);
};

const turn = (key: string): void => {
  const next = new Set(closed.value);
  if (!next.delete(key)) next.add(key);
  closed.value = next;
};

const TreeRow = ({ row, isFocused }: { readonly row: Row; readonly isFocused: boolean }) => {
  const { key, level, among, place, hasChildren, program, actor } = row;
  const isOpen = !closed.value.has(key);
  const isGone = !program.isConnected;
  const isOver = actor !== null && actor.status !== 'active';
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys belong to the tree.
    <div
      id={`actor-${key}`}
      class={[
        'row',
        actor === null ? 'program' : 'actor',
        isFocused && 'is-focused',
        (isGone || isOver) && 'is-over',
      ]
        .filter(Boolean)
        .join(' ')}
      role="treeitem"
      tabIndex={-1}
      aria-level={level}
      aria-setsize={among}
      aria-posinset={place}
      aria-expanded={hasChildren ? isOpen : undefined}
      aria-selected={key === chosenKey.value}
      style={{ '--level': `${level}` }}
      onClick={() => {
        focused.value = key;
        press(row);
      }}
    >
      {/* A shortcut for the mouse; the arrow keys do the same. */}
      <span
        class="turn"
        aria-hidden="true"
        onClick={(event) => {
          if (!hasChildren) return;
          event.stopPropagation();
          turn(key);
        }}
      >
        {hasChildren ? (isOpen ? '▾' : '▸') : ''}
      </span>
      {actor === null ? (
        <>
          <b>{program.name}</b>
          {isGone && <em class="mark">disconnected</em>}
        </>
      ) : (
        <>
          <span class="name">{actor.name}</span>
          <code class="state">{nameOfValue(actor.value)}</code>
          {isOver && <em class={`mark is-${actor.status}`}>{actor.status}</em>}
        </>
      )}
    </div>
  );
};
