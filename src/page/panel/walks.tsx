import type { TransitionModel } from '../../statechart/read/model.ts';
import { transitionsOf } from '../../statechart/read/model.ts';
import { transitionText } from '../../statechart/read/notation.ts';
import type { PageChart, PagePath, PagePathStep, PagePaths } from '../data/page-data.ts';
import { pathsAt, progress } from '../state/paths.ts';
import { select } from '../state/place.ts';
import { wayThere } from './way-there.ts';

interface Subject {
  readonly owner: PageChart;
  readonly transition: TransitionModel;
}

/** How one gets to a transition: the shortest generated path that takes it; where there is none, the arrows that lead there. */
export const Walks = ({ owner, transition }: Subject) => {
  const generated = owner.paths === null ? null : pathsAt(owner.paths);
  const there =
    generated !== null && typeof generated === 'object' && 'paths' in generated ? generated : null;
  const failed =
    generated !== null && typeof generated === 'object' && 'failed' in generated ? generated.failed : null;
  const [first, ...others] = (there?.walks[transition.id] ?? []).map((at) => there!.paths[at]!);
  return (
    <section class="walks" aria-busy={generated === 'generating'}>
      {generated === 'generating' && (
        <p class="remark" role="status">
          Generating paths…{progress.value !== null && ` ${progress.value}`}
        </p>
      )}
      {failed !== null && <p class="remark">No paths were generated: {failed}</p>}
      {there !== null && first !== undefined ? (
        <Walk owner={owner} transition={transition} path={first} kind={there.kind} />
      ) : (
        <>
          {there !== null && <NotWalked paths={there} id={transition.id} />}
          <ByArrows owner={owner} transition={transition} />
        </>
      )}
      {there !== null && others.length > 0 && <Others paths={others} kind={there.kind} />}
      {there !== null && first !== undefined && (
        <p class="remark">
          <code>{there.command}</code> prints them.
        </p>
      )}
    </section>
  );
};

const NotWalked = ({ paths, id }: { readonly paths: PagePaths; readonly id: string }) => (
  <p class="remark">
    No generated {paths.kind} walks it{paths.notWalked[id] === undefined ? '.' : `: ${paths.notWalked[id]}.`}
  </p>
);

const Walk = ({
  owner,
  transition,
  path,
  kind,
}: Subject & { readonly path: PagePath; readonly kind: PagePaths['kind'] }) => {
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
      <h3>The shortest generated {kind} that walks it</h3>
      <p class="where">
        <code>{path.id}</code> · <WithCode text={path.setup} />
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

const Others = ({
  paths,
  kind,
}: {
  readonly paths: readonly PagePath[];
  readonly kind: PagePaths['kind'];
}) => (
  <details>
    <summary>
      {counted(paths.length, `other generated ${kind}`)} that walk{paths.length === 1 ? 's' : ''} it
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

/** No claim that it can be taken: nobody has asked a guard. */
const ByArrows = ({ owner, transition }: Subject) => {
  const way = wayThere(owner.chart, transition);
  const before = way.slice(0, -1);
  return (
    <>
      <h3>By the arrows alone</h3>
      {before.length > 0 && (
        <ol class="way">
          {before.map((step) => (
            <li key={step.id}>
              <button type="button" class="link" onClick={() => select(owner.name, step.id)}>
                {transitionText(owner.chart, step)}
              </button>
            </li>
          ))}
        </ol>
      )}
      <p class="remark">
        {way.length === 0 && 'No arrows lead to its state. '}
        {way.length === 1 && 'The chart starts in its state. '}
        Guards are not evaluated here: a run may need more steps, or never take it.
      </p>
    </>
  );
};

/** What stands between backticks is code. */
const WithCode = ({ text }: { readonly text: string }) => (
  <>{text.split('`').map((part, at) => (at % 2 === 0 ? part : <code key={part}>{part}</code>))}</>
);

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
