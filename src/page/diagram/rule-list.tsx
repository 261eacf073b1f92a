import { useEffect } from 'preact/hooks';
import { type StateModel, statesBelow } from '../../statechart/read/model.ts';
import { guardText, holderText, targetText, triggerText, typeText } from '../../statechart/read/notation.ts';
import type { PageChart } from '../data/page-data.ts';
import { chart, select, selected, summons } from '../state/place.ts';

/** All states and rules of the chart as a list at full width: what a small window has room for. */
export const RuleList = () => {
  const summoned = summons.value;
  useEffect(() => {
    document.querySelector('.list [aria-current]')?.scrollIntoView({ block: 'nearest' });
  }, [summoned]);
  const owner = chart.value;
  if (owner === null) return null;
  return (
    <div class="list">
      <h2>{owner.title}</h2>
      {statesBelow(owner.chart.root)
        .filter(({ id, transitions }) => transitions.length > 0 || id !== owner.chart.root.id)
        .map((state) => (
          <State key={state.id} owner={owner} state={state} />
        ))}
    </div>
  );
};

const State = ({ owner, state }: { readonly owner: PageChart; readonly state: StateModel }) => (
  <section class="list-state" style={{ '--depth': `${Math.max(0, state.path.length - 1)}` }}>
    <h3>
      <button
        type="button"
        class="link"
        aria-current={selected.value === state.id ? 'true' : undefined}
        onClick={() => select(owner.name, state.id)}
      >
        {holderText(owner.chart, state.id)}
      </button>{' '}
      <span class="faint">{typeText(state)}</span>
    </h3>
    {state.transitions.length > 0 && (
      <ol>
        {state.transitions.map((each) => (
          <li key={each.id}>
            <button
              type="button"
              class="list-rule"
              aria-current={selected.value === each.id ? 'true' : undefined}
              onClick={() => select(owner.name, each.id)}
            >
              <b>{triggerText(each)}</b> {guardText(each)}{' '}
              <span class="move">{targetText(owner.chart, each)}</span>
              {each.description !== null && <span class="note">{each.description}</span>}
            </button>
          </li>
        ))}
      </ol>
    )}
  </section>
);
