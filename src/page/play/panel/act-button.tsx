import type { ComponentChildren } from 'preact';
import { act } from '../session.ts';

/** A button that does one directive. */
export const ActButton = ({
  directive,
  children,
  isDisabled = false,
}: {
  readonly directive: string;
  readonly children: ComponentChildren;
  readonly isDisabled?: boolean;
}) => (
  <button type="button" title={directive} disabled={isDisabled} onClick={() => void act(directive)}>
    {children}
  </button>
);

/** Buttons that belong together; `of`: what they are about, for screen readers. */
export const Choices = ({ of, children }: { readonly of: string; readonly children: ComponentChildren }) => (
  <fieldset class="choices">
    <legend class="hidden">{of}</legend>
    {children}
  </fieldset>
);

/** Pairs of a name and what it has. */
export const Facts = ({
  of,
}: {
  readonly of: readonly (readonly [name: string, value: ComponentChildren])[];
}) => (
  <dl class="facts">
    {of.map(([name, value]) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);
