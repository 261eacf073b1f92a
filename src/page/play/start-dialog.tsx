import { useSignal } from '@preact/signals';
import { createRef } from 'preact';
import { BrokenRuleChoice, brokenRule } from './counterexample/finder.tsx';
import { searchWords, storyOfFile } from './counterexample/search.ts';
import { storyOf } from './directives.ts';
import { openCounterexample, openStory } from './session.ts';
import { attacks, brokenStories, lessons } from './told-stories.ts';

const dialog = createRef<HTMLDialogElement>();

export const openDialog = (): void => dialog.current?.showModal();

const withouts = {
  'pre-vote': 'asking before a campaign',
  'leader-lease': 'ignoring requests while a leader is heard',
  'quorum-check': 'stepping down without a majority',
  noop: 'an empty entry at the start of a term',
} as const;

/** How a play begins: a new cluster, or a story that somebody has written. */
export const StartDialog = () => {
  const nodes = useSignal(5);
  const spares = useSignal(0);
  const seed = useSignal(1);
  const isStepwise = useSignal(false);
  const without = useSignal<readonly string[]>([]);
  const text = useSignal('');
  const problem = useSignal<string | null>(null);
  const open = async (story: string): Promise<void> => {
    problem.value = await openStory(story);
    if (problem.value === null) dialog.current?.close();
  };
  /** A story, or a file that has one: a failing plan or a trace. */
  const openGiven = async (): Promise<void> => {
    if (!text.value.trimStart().startsWith('{')) return open(text.value);
    const story = await storyOfFile(text.value, brokenRule());
    problem.value = story === null ? searchWords.value : await openCounterexample(story);
    if (problem.value === null) dialog.current?.close();
  };
  const number = (name: string, of: typeof nodes, min: number, max: number) => (
    <label class="field">
      <span>{name}</span>
      <input
        type="number"
        min={min}
        max={max}
        required
        // A field that holds no number is left as it is.
        value={Number.isNaN(of.value) ? '' : of.value}
        onInput={(event) => {
          of.value = event.currentTarget.valueAsNumber;
        }}
      />
    </label>
  );
  return (
    <dialog ref={dialog} aria-labelledby="start-title">
      <header>
        <h2 id="start-title">A new cluster</h2>
        <button type="button" aria-label="Close" onClick={() => dialog.current?.close()}>
          <span aria-hidden="true">✕</span>
        </button>
      </header>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void open(
            storyOf({
              nodes: nodes.value,
              spares: spares.value,
              seed: seed.value,
              isStepwise: isStepwise.value,
              without: without.value,
            }),
          );
        }}
      >
        <div class="fields">
          {number('Nodes', nodes, 1, 9)}
          {number('Spares', spares, 0, Math.max(0, 9 - (nodes.value || 0)))}
          {number('Seed', seed, 0, 1_000_000)}
        </div>
        <fieldset>
          <legend>Time</legend>
          <label>
            <input
              type="radio"
              name="time"
              checked={!isStepwise.value}
              onChange={() => {
                isStepwise.value = false;
              }}
            />{' '}
            runs: timers expire and messages arrive by themselves
          </label>
          <label>
            <input
              type="radio"
              name="time"
              checked={isStepwise.value}
              onChange={() => {
                isStepwise.value = true;
              }}
            />{' '}
            is held: nothing happens but what you say
          </label>
        </fieldset>
        <fieldset>
          <legend>Without</legend>
          {Object.entries(withouts).map(([name, what]) => (
            <label key={name}>
              <input
                type="checkbox"
                checked={without.value.includes(name)}
                onChange={(event) => {
                  const others = without.value.filter((each) => each !== name);
                  without.value = event.currentTarget.checked ? [...others, name] : others;
                }}
              />{' '}
              {name} <span class="faint">{what}</span>
            </label>
          ))}
        </fieldset>
        <button type="submit" class="primary">
          Start
        </button>
      </form>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void openGiven();
        }}
      >
        <h3>Or open a story</h3>
        <label>
          <span class="hidden">A story that comes with the page</span>
          <select
            value=""
            onChange={(event) => {
              const chosen = [...lessons, ...brokenStories, ...attacks].find(
                ({ title }) => title === event.currentTarget.value,
              );
              if (chosen === undefined) return;
              text.value = chosen.text;
              void open(chosen.text);
            }}
          >
            <option value="">Choose …</option>
            <optgroup label="Lessons">
              {lessons.map(({ title }) => (
                <option key={title}>{title}</option>
              ))}
            </optgroup>
            <optgroup label="With a rule broken on purpose">
              {brokenStories.map(({ title }) => (
                <option key={title}>{title}</option>
              ))}
            </optgroup>
            <optgroup label="With a node that lies">
              {attacks.map(({ title }) => (
                <option key={title}>{title}</option>
              ))}
            </optgroup>
          </select>
        </label>
        <label>
          <span class="hidden">Text of a story</span>
          <textarea
            rows={6}
            spellcheck={false}
            placeholder={'nodes: 3\n\nstart\nelect 1\npropose 1 put x 1'}
            value={text.value}
            onInput={(event) => {
              text.value = event.currentTarget.value;
            }}
          />
        </label>
        <div class="choices">
          <label class="file">
            <span class="hidden">A story from a file</span>
            <input
              type="file"
              accept=".txt,.json,.ndjson,text/plain,application/json"
              onChange={async (event) => {
                const file = event.currentTarget.files?.[0];
                if (file !== undefined) text.value = await file.text();
              }}
            />
          </label>
          <button type="submit" class="primary" disabled={text.value.trim() === ''}>
            Open
          </button>
        </div>
        <p class="faint">
          Or a plan.json of raftchart simulate, on nodes that keep every rule or break one; or a trace.ndjson
          of raftchart explore, whose nodes break the rule that it names unless you choose another.{' '}
          <BrokenRuleChoice />
        </p>
      </form>
      {problem.value !== null && (
        <p class="problem" role="alert">
          {problem.value}
        </p>
      )}
    </dialog>
  );
};
