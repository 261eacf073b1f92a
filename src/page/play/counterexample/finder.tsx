import { signal } from '@preact/signals';
import { openCounterexample, refusal } from '../session.ts';
import { brokenStories } from '../told-stories.ts';
import { cancelSearch, findStory, isSearching, searchWords } from './search.ts';

/** The rule that the nodes of a search break; empty: none. */
const broken = signal('');

const rules = brokenStories.map(({ text }) => /^broken: (.*)$/m.exec(text)![1]!).toSorted();

/** The rule that is broken in what is looked for or opened; null: none. */
export const brokenRule = (): string | null => (broken.value === '' ? null : broken.value);

/** Looks for a run that violates a property. */
export const Finder = () => {
  const find = async (): Promise<void> => {
    const story = await findStory(brokenRule());
    if (story !== null) refusal.value = await openCounterexample(story);
  };
  return (
    <section class="finder" aria-label="Counterexample">
      <h2>Counterexamples</h2>
      <p class="faint">
        Random runs are tried until one violates a property; the lightest found is then made smaller.
      </p>
      <div class="choices">
        <BrokenRuleChoice />
        {isSearching.value ? (
          <button type="button" onClick={cancelSearch}>
            Cancel
          </button>
        ) : (
          <button type="button" class="primary" onClick={() => void find()}>
            Find me a counterexample
          </button>
        )}
      </div>
      <p role="status" class="faint">
        {searchWords.value}
      </p>
    </section>
  );
};

export const BrokenRuleChoice = () => (
  <label>
    Broken rule{' '}
    <select
      value={broken.value}
      disabled={isSearching.value}
      onChange={(event) => {
        broken.value = event.currentTarget.value;
      }}
    >
      <option value="">none</option>
      {rules.map((rule) => (
        <option key={rule} value={rule}>
          {rule}
        </option>
      ))}
    </select>
  </label>
);
