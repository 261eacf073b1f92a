import { ActorDetails } from '../inspector/actor-details.tsx';
import { closePanel } from '../state/panel.ts';
import { chart, selectedState, selectedTransition } from '../state/place.ts';
import { Cluster } from './cluster.tsx';
import { Help, isHelpShown } from './help.tsx';
import { RuleDetails } from './rule-details.tsx';
import { StateDetails } from './state-details.tsx';

/** Beside the picture: the live nodes, and what is selected. */
export const Panel = () => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled with the keyboard, and Enter on a rule leads here.
  <aside class="panel" aria-label="Details" tabIndex={0}>
    <button type="button" class="close" onClick={closePanel}>
      Close
    </button>
    {isHelpShown.value && <Help />}
    <ActorDetails />
    <Cluster />
    <Selection />
  </aside>
);

const Selection = () => {
  const owner = chart.value;
  if (owner === null) return null;
  if (selectedTransition.value !== null)
    return <RuleDetails owner={owner} transition={selectedTransition.value} />;
  if (selectedState.value !== null) return <StateDetails owner={owner} state={selectedState.value} />;
  return (
    <article>
      <p class="where">{owner.path}</p>
      <h2>{owner.title}</h2>
      <p class="sentence">{owner.chart.root.description}</p>
      <p class="source">{owner.chart.root.rule}</p>
      <p class="faint">
        Select a rule or a state, with a click or the arrow keys, to see what it says, where it is defined and
        how to get there. <kbd>/</kbd> searches, <kbd>?</kbd> shows all keys.
      </p>
    </article>
  );
};
