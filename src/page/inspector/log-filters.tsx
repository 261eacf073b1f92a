import { chosen } from '../state/inspected.ts';
import { isOfChosenOnly, kinds, rows, search, shownKinds } from './rows.ts';

const words = { event: 'events', snapshot: 'states', actor: 'actors', program: 'programs' } as const;

/** What the log leaves out, and how much is left. */
export const LogFilters = () => (
  <div class="filters">
    <input
      type="search"
      placeholder="Search event types, actors, payloads"
      aria-label="Search the log"
      spellcheck={false}
      value={search}
      onInput={(event) => {
        search.value = event.currentTarget.value;
      }}
    />
    {kinds.map((kind) => (
      <label key={kind}>
        <input
          type="checkbox"
          checked={shownKinds.value.has(kind)}
          onChange={() => {
            const next = new Set(shownKinds.value);
            if (!next.delete(kind)) next.add(kind);
            shownKinds.value = next;
          }}
        />
        {words[kind]}
      </label>
    ))}
    <label class="of-chosen">
      <input
        type="checkbox"
        checked={isOfChosenOnly.value}
        onChange={(event) => {
          isOfChosenOnly.value = event.currentTarget.checked;
        }}
      />
      only {chosen.value?.name ?? 'the selected actor'}
    </label>
    <span class="count">{rows.value.length}</span>
  </div>
);
