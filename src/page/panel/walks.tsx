import type { TransitionModel } from '../../statechart/read/model.ts';
import { transitionsOf } from '../../statechart/read/model.ts';
import { transitionText } from '../../statechart/read/notation.ts';
import type { PageChart, PagePath, PagePathStep } from '../data/page-data.ts';
import { pathsAt } from '../state/paths.ts';
import { select } from '../state/place.ts';
import { wayThere } from './way-there.ts';

interface Subject {
  readonly owner: PageChart;
  readonly transition: TransitionModel;
}

const command = 'npx raftchart paths --format markdown';

/** How one gets to a transition: the shortest generated test that takes it; where none is at hand, what the chart allows. */
export const Walks = ({ owner, transition }: Subject) => {
  const generated = owner.paths === null ? null : pathsAt(owner.paths);
  const isThere = generated !== null && typeof generated === 'object';
  const [first, ...others] = isThere
    ? (generated.walks[transition.id] ?? []).map((at) => generated.paths[at]!)
    : [];
  return (
    <section class="walks" aria-busy={generated === 'generating'}>
      {first === undefined ? (
        <WayThere owner={owner} transition={transition} />
      ) : (
        <Walk owner={owner} transition={transition} path={first} />
      )}
      {generated === 'generating' && (
        <p class="remark" role="status">
          Generating the tests…
        </p>
      )}
      {generated === 'failed' && (
        <p class="remark">The generated tests are not available from raftchart view.</p>
      )}
      {isThere && first === undefined && <p class="remark">No generated test walks it.</p>}
      {others.length > 0 && <Others paths={others} />}
      {first !== undefined && (
        <p class="remark">
          <code>{command}</code> prints them.
        </p>
      )}
    </section>
  );
};

const Walk = ({ owner, transition, path }: Subject & { readonly path: PagePath }) => {
  const steps = path.steps ?? [];
  const taking = steps.findIndex(({ transitions }) => transitions.includes(transition.id));
  const list = (from: number, to: number) => (
    <ol class="steps" start={from + 1}>
      {steps.slice(from, to).map((step, at) => (
        <Step
          key={`${path.id} ${from + at}`}
          owner={owner}
          step={step}
          taken={from + at === taking ? transition.id : null}
        />
      ))}
    </ol>
  );
  const rest = steps.length - taking - 1;
  return (
    <>
      <h3>The shortest generated test that walks it</h3>
      <p class="where">
        <code>{path.id}</code> · {path.cluster}
      </p>
      {list(0, taking + 1)}
      {rest > 0 && (
        <details key={`${path.id} ${transition.id}`}>
          <summary>and {counted(rest, 'step')} more</summary>
          {list(taking + 1, steps.length)}
        </details>
      )}
    </>
  );
};

/** `taken`: the transition that all this is about, if this step takes it. */
const Step = ({
  owner,
  step,
  taken,
}: {
  readonly owner: PageChart;
  readonly step: PagePathStep;
  readonly taken: string | null;
}) => (
  <li class={taken === null ? 'step' : 'step is-taking'} aria-current={taken === null ? undefined : 'step'}>
    <p>
      <WithCode text={step.event} />
      {step.marks.map((mark) => (
        <em key={mark}> {mark}</em>
      ))}
    </p>
    <ul class="taken-there">
      {step.transitions.map((id) => (
        <li key={id}>
          <Taken owner={owner} id={id} isThis={id === taken} />
        </li>
      ))}
    </ul>
    {step.sent.map((line) => (
      <p key={line} class="sent">
        {line}
      </p>
    ))}
    <p class="after">
      now <code>{step.state}</code>
    </p>
  </li>
);

const Taken = ({
  owner,
  id,
  isThis,
}: {
  readonly owner: PageChart;
  readonly id: string;
  readonly isThis: boolean;
}) => {
  const model = transitionsOf(owner.chart).find((transition) => transition.id === id);
  if (model === undefined) return null;
  return (
    <button
      type="button"
      class="link"
      title={model.description ?? ''}
      aria-current={isThis ? 'true' : undefined}
      onClick={() => select(owner.name, id)}
    >
      {transitionText(owner.chart, model)}
    </button>
  );
};

const Others = ({ paths }: { readonly paths: readonly PagePath[] }) => (
  <details>
    <summary>
      {counted(paths.length, 'other generated test')} that walk{paths.length === 1 ? 's' : ''} it
    </summary>
    <ul class="tests">
      {paths.map(({ id, title }) => (
        <li key={id}>
          <code>{id}</code> {title}
        </li>
      ))}
    </ul>
  </details>
);

const WayThere = ({ owner, transition }: Subject) => {
  const way = wayThere(owner.chart, transition).slice(0, -1);
  return (
    <>
      <h3>A shortest way there</h3>
      {way.length === 0 ? (
        <p class="faint">None needed: the chart starts where this rule holds.</p>
      ) : (
        <ol class="way">
          {way.map((step) => (
            <li key={step.id}>
              <button type="button" class="link" onClick={() => select(owner.name, step.id)}>
                {transitionText(owner.chart, step)}
              </button>
            </li>
          ))}
        </ol>
      )}
    </>
  );
};

/** What stands between backticks is code. */
const WithCode = ({ text }: { readonly text: string }) => (
  <>{text.split('`').map((part, at) => (at % 2 === 0 ? part : <code key={part}>{part}</code>))}</>
);

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
