import { useComputed } from '@preact/signals';
import { Source } from '../chart/source.tsx';
import { Finder } from '../counterexample/finder.tsx';
import { frame, showJustBefore, story, version } from '../session.ts';
import { type SafetyProperty, safetyProperties } from './safety-properties.ts';

/** Each safety property with its verdict at the moment that is shown. */
export const Safety = () => {
  const violation = useComputed(() => frame.value.violation).value;
  return (
    <article class="details">
      <Finder />
      <h2>What must always hold</h2>
      <p class="faint">Checked after every step of every node.</p>
      <ul class="properties">
        {Object.values(safetyProperties).map((property) => {
          const isBroken = violation !== null && isOf(property, violation.property);
          return (
            <li key={property.name} class={isBroken ? 'is-broken' : ''}>
              <span class="verdict" aria-hidden="true">
                {isBroken ? '✗' : '✓'}
              </span>
              <div>
                <strong>{property.name}</strong>{' '}
                <span class={isBroken ? 'wrong' : 'faint'}>{isBroken ? 'is violated' : 'holds'}</span>
                <p>{property.says}</p>
                <p>
                  <Source rule={property.source} />
                </p>
                {isBroken &&
                  violation.facts.map((fact) => (
                    <p key={fact} class="wrong">
                      {fact}
                    </p>
                  ))}
              </div>
            </li>
          );
        })}
      </ul>
    </article>
  );
};

const isOf = ({ name, alsoNamed = [] }: SafetyProperty, reported: string): boolean =>
  name === reported || alsoNamed.includes(reported);

/** Says above everything else that the play has come to something that must not be. */
export const ViolationBanner = () => {
  version.value;
  const failure = story.value?.failure ?? null;
  if (failure === null) return null;
  const { violation } = frame.value;
  return (
    <div class="banner" role="alert">
      <strong>{violation === null ? 'It ends here.' : 'A safety property is violated.'}</strong> {failure}
      <button type="button" onClick={showJustBefore}>
        Just before
      </button>
    </div>
  );
};
