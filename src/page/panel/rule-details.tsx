import type { TransitionModel } from '../../statechart/read/model.ts';
import { guardText, holderText, targetText, triggerText } from '../../statechart/read/notation.ts';
import type { NameDetails, PageChart, TestPlace } from '../data/page-data.ts';
import { details, select } from '../state/place.ts';
import { Walks } from './walks.tsx';

/** A transition: its sentence and source, what it asks and does with the lines that say so, how one gets there, and what tests it. */
export const RuleDetails = ({
  owner,
  transition,
}: {
  readonly owner: PageChart;
  readonly transition: TransitionModel;
}) => {
  const { chart } = owner;
  const known = details.value?.transitions[transition.id];
  const tests = known?.tests.map((at) => details.value!.tests![at]!) ?? [];
  const actions = transition.actions.map(({ name }) => name);
  const names = [transition.guard, ...actions].filter((name) => name !== null);
  const prevents = [...new Set(names.flatMap((name) => detailsOf(name)?.prevents ?? []))];
  return (
    <article>
      <p class="where">
        <button type="button" class="link" onClick={() => select(owner.name, transition.source)}>
          {holderText(chart, transition.source)}
        </button>
        {transition.branches > 1 && ` · branch ${transition.branch + 1} of ${transition.branches}`}
      </p>
      <h2>
        <code>{triggerText(transition)}</code> <code class="guard">{guardText(transition)}</code>
      </h2>
      <p class="sentence">{transition.description}</p>
      <p class="source">{transition.rule}</p>
      {transition.targets.length > 0 && (
        <p>
          <button type="button" class="link move" onClick={() => select(owner.name, transition.targets[0]!)}>
            {targetText(chart, transition)}
          </button>
        </p>
      )}
      {known && (
        <p class="place">
          {owner.path}
          {known.line !== null && `:${known.line}`}
        </p>
      )}
      {transition.guard !== null && <Name word="asks" name={transition.guard} />}
      {actions.map((name) => (
        <Name key={name} word="does" name={name} />
      ))}
      {names.length > 0 && details.value !== null && details.value.problem !== null && (
        <p class="remark">No definitions are shown: {details.value.problem}</p>
      )}
      <Walks owner={owner} transition={transition} />
      {details.value !== null && details.value.tests !== null && <Tests tests={tests} />}
      {prevents.length > 0 && (
        <>
          <h3>Bugs of real systems that it rules out</h3>
          <ul class="prevents">
            {prevents.map((bug) => (
              <li key={bug}>{bug}</li>
            ))}
          </ul>
        </>
      )}
    </article>
  );
};

/** A guard, an action or a delay, with its definition. */
export const Name = ({ word, name }: { readonly word: string; readonly name: string }) => {
  const found = detailsOf(name);
  return (
    <section class="name">
      <h3>
        {word} <code>{name}</code>
      </h3>
      {found !== undefined && (
        <>
          <p class="place">
            {found.path}:{found.line}
          </p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines are scrolled with the keyboard. */}
          <pre tabIndex={0}>{found.body}</pre>
        </>
      )}
    </section>
  );
};

/** A name may be that of something that every object has, such as `constructor`. */
const detailsOf = (name: string): NameDetails | undefined => {
  const names = details.value?.names ?? {};
  return Object.hasOwn(names, name) ? names[name] : undefined;
};

const shownTests = 6;

const Tests = ({ tests }: { readonly tests: readonly TestPlace[] }) => (
  <>
    <h3>Tests that walk it</h3>
    {tests.length === 0 && <p class="faint">None that names its guard or its actions.</p>}
    <ul class="tests">
      {tests.slice(0, shownTests).map(({ path, name }) => (
        <li key={`${path} ${name}`}>
          {name} <span class="place">{path}</span>
        </li>
      ))}
    </ul>
    {tests.length > shownTests && (
      <details>
        <summary>{tests.length - shownTests} more</summary>
        <ul class="tests">
          {tests.slice(shownTests).map(({ path, name }) => (
            <li key={`${path} ${name}`}>
              {name} <span class="place">{path}</span>
            </li>
          ))}
        </ul>
      </details>
    )}
  </>
);
