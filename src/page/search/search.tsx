import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { focusShown } from '../diagram/focus-shown.ts';
import { ownKeys } from '../own-keys.ts';
import { select } from '../state/place.ts';
import { hits, query, searchInput } from './query.ts';

const listId = 'search-hits';
/** Which hit Enter takes. */
const current = signal(0);

const take = (at: number): void => {
  const hit = hits.value[at];
  if (hit === undefined) return;
  select(hit.chart, hit.id);
  leave();
  // The page has drawn it by then.
  setTimeout(focusShown);
};

const leave = (): void => {
  query.value = '';
  searchInput.current?.blur();
};

const move = (by: number): void => {
  const count = hits.value.length;
  if (count > 0) current.value = (current.value + by + count) % count;
};

const onKey = ownKeys({
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  Enter: () => take(current.value),
  Escape: leave,
});

/** Finds rules, guards, actions and states of all charts. */
export const Search = () => {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [current.value]);
  return (
    <search class="search">
      <input
        ref={searchInput}
        type="search"
        // biome-ignore lint/a11y/noRedundantRoles: the types of Preact ask for `list` with it, the browser does not imply it.
        role="combobox"
        placeholder="Search a rule or a guard   /"
        aria-label="Search a rule or a guard"
        aria-expanded={hits.value.length > 0}
        aria-controls={listId}
        aria-activedescendant={hits.value.length > 0 ? `hit-${current.value}` : undefined}
        list={undefined}
        autocomplete="off"
        spellcheck={false}
        value={query}
        onInput={(event) => {
          query.value = event.currentTarget.value;
          current.value = 0;
        }}
        onKeyDown={onKey}
      />
      {query.value.trim() !== '' && (
        <div ref={list} class="hits" id={listId} role="listbox" aria-label="Found">
          {hits.value.length === 0 && <p class="faint">No rule or state has that name.</p>}
          {hits.value.map((hit, at) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys belong to the field.
            <div
              key={`${hit.chart} ${hit.id}`}
              id={`hit-${at}`}
              class="hit"
              role="option"
              tabIndex={-1}
              aria-selected={at === current.value}
              onClick={() => take(at)}
            >
              <code>{hit.title}</code>
              <span class="where">{hit.where}</span>
              <span class="note">{hit.note}</span>
            </div>
          ))}
        </div>
      )}
    </search>
  );
};
