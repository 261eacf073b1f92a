import type { StateModel } from '../../statechart/read/model.ts';
import { guardText, holderText, targetText, triggerText, typeText } from '../../statechart/read/notation.ts';
import type { PageChart } from '../data/page-data.ts';
import { select } from '../state/place.ts';
import { Name } from './rule-details.tsx';

/** A state: its sentence and source, what entering and leaving it does, and its rules to choose from. */
export const StateDetails = ({ owner, state }: { readonly owner: PageChart; readonly state: StateModel }) => {
  const { chart } = owner;
  return (
    <article>
      <p class="where">
        {owner.title} · {typeText(state) || 'state'}
      </p>
      <h2>
        <code>{holderText(chart, state.id)}</code>
      </h2>
      <p class="sentence">{state.description}</p>
      <p class="source">{state.rule}</p>
      {state.entry.map(({ name }) => (
        <Name key={name} word="on entry" name={name} />
      ))}
      {state.exit.map(({ name }) => (
        <Name key={name} word="on exit" name={name} />
      ))}
      {state.transitions.length === 0 && (
        <p class="faint">
          {state.type === 'final' ? 'A final state: nothing leaves it.' : 'It has no rules of its own.'}
        </p>
      )}
      {state.transitions.length > 0 && <h3>Rules, tried from the top</h3>}
      <ol class="rules">
        {state.transitions.map((transition) => (
          <li key={transition.id}>
            <button type="button" class="link" onClick={() => select(owner.name, transition.id)}>
              {triggerText(transition)} {guardText(transition)} {targetText(chart, transition)}
            </button>
            <span>{transition.description}</span>
          </li>
        ))}
      </ol>
    </article>
  );
};
