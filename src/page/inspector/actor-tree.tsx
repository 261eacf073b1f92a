import { signal } from '@preact/signals';
import type { InspectedActor, InspectedProgram } from '../../statechart/inspect/inspected-system.ts';
import { nameOfValue } from '../../statechart/read/state-name.ts';
import { choose, chosenKey, programs } from '../state/inspected.ts';

/** Keys of programs (`1`) and actors (`1/x:0`) whose children are hidden. */
const closed = signal<ReadonlySet<string>>(new Set());
/** The row that the keyboard is on. */
const focused = signal<string | null>(null);

interface Row {
  readonly key: string;
  readonly parent: string | null;
  readonly level: number;
  readonly hasChildren: boolean;
  readonly program: InspectedProgram;
  readonly actor: InspectedActor | null;
}

/** Programs and their actors, those that are gone last. */
const treeRows = (): readonly Row[] => {
  const rowsOf = (actor: InspectedActor, program: InspectedProgram, parent: string, level: number): Row[] => {
    const { key, children } = actor;
    const row = { key, parent, level, hasChildren: children.length > 0, program, actor };
    return closed.value.has(key)
      ? [row]
      : [row, ...children.flatMap((child) => rowsOf(child, program, key, level + 1))];
  };
  const shown = programs.value.filter(({ roots, isConnected }) => isConnected || roots.length > 0);
  return shown
    .toSorted((a, b) => Number(b.isConnected) - Number(a.isConnected))
    .flatMap((program) => {
      const key = `${program.number}`;
      const row = {
        key,
        parent: null,
        level: 1,
        hasChildren: program.roots.length > 0,
        program,
        actor: null,
      };
      return closed.value.has(key)
        ? [row]
        : [row, ...program.roots.flatMap((root) => rowsOf(root, program, key, 2))];
    });
};

export const ActorTree = () => {
  const all = treeRows();
  const at = all.find(({ key }) => key === focused.value) ?? all.find(({ key }) => key === chosenKey.value);
  const onKey = (event: KeyboardEvent): void => {
    const here = Math.max(0, all.indexOf(at ?? all[0]!));
    const row = all[here];
    if (row === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const isOpen = row.hasChildren && !closed.value.has(row.key);
    if (event.key === 'ArrowDown') enter(all[here + 1]);
    else if (event.key === 'ArrowUp') enter(all[here - 1]);
    else if (event.key === 'Home') enter(all[0]);
    else if (event.key === 'End') enter(all.at(-1));
    else if (event.key === 'ArrowRight') isOpen ? enter(all[here + 1]) : row.hasChildren && turn(row.key);
    else if (event.key === 'ArrowLeft')
      isOpen ? turn(row.key) : enter(all.find(({ key }) => key === row.parent));
    else if (event.key === 'Enter' || event.key === ' ') row.actor === null ? turn(row.key) : choose(row.key);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <section class="actors" aria-label="Actors">
      <div
        class="tree"
        role="tree"
        aria-label="Programs and their actors"
        tabIndex={0}
        aria-activedescendant={at && `actor-${at.key}`}
        onKeyDown={onKey}
      >
        {all.map((row) => (
          <TreeRow key={row.key} row={row} isFocused={row === at} />
        ))}
      </div>
    </section>
  );
};

const enter = (row: Row | undefined): void => {
  if (row === undefined) return;
  focused.value = row.key;
  if (row.actor !== null) choose(row.key);
  queueMicrotask(() => document.getElementById(`actor-${row.key}`)?.scrollIntoView({ block: 'nearest' }));
};

const turn = (key: string): void => {
  const next = new Set(closed.value);
  if (!next.delete(key)) next.add(key);
  closed.value = next;
};

const TreeRow = ({ row, isFocused }: { readonly row: Row; readonly isFocused: boolean }) => {
  const { key, level, hasChildren, program, actor } = row;
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
      aria-expanded={hasChildren ? isOpen : undefined}
      aria-selected={key === chosenKey.value}
      data-level={Math.min(level, 12)}
      onClick={() => {
        focused.value = key;
        if (actor === null) turn(key);
        else choose(key);
      }}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a shortcut for the mouse; the arrow keys do the same. */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the arrow keys do the same. */}
      <span
        class="turn"
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
