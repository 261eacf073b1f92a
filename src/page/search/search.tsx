import { signal } from '@preact/signals';
import { focusShown } from '../diagram/focus-shown.ts';
import { select } from '../state/place.ts';
import { hits, query, searchInput } from './query.ts';

const listId = 'search-hits';
/** Which hit Enter takes. */
const current = signal(0);

const take = (at: number): void => {
  const hit = hits.value[at];
  if (hit === undefined) return;
  select(hit.chart, hit.id);
  query.value = '';
  searchInput.current?.blur();
  // The page has drawn it by then.
  setTimeout(focusShown);
};

const onKey = (event: KeyboardEvent): void => {
  const count = hits.value.length;
  if (event.key === 'ArrowDown' && count > 0) current.value = (current.value + 1) % count;
  else if (event.key === 'ArrowUp' && count > 0) current.value = (current.value + count - 1) % count;
  else if (event.key === 'Enter') take(current.value);
  else if (event.key === 'Escape') {
    query.value = '';
    searchInput.current?.blur();
  } else return;
  event.preventDefault();
  document.querySelector('[aria-selected=true].hit')?.scrollIntoView({ block: 'nearest' });
};

/** Finds rules, guards, actions and states of all charts. */
export const Search = () => (
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
      <div class="hits" id={listId} role="listbox" aria-label="Found">
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
