import type { Change } from '../../statechart/inspect/changes.ts';
import { shortened } from '../shortened.ts';

/** Of a long list or object, so many parts are shown. */
const maxParts = 200;

/** A plain value to unfold, with what changed in it marked by a sign and a colour. */
export const ValueTree = ({
  value,
  changes,
}: {
  readonly value: unknown;
  readonly changes: readonly Change[];
}) => (
  <div class="value-tree">
    <Parts value={value} path={[]} changes={changes} />
  </div>
);

interface PartProps {
  readonly value: unknown;
  readonly path: readonly string[];
  /** Those at or below `path`. */
  readonly changes: readonly Change[];
}

const Parts = ({ value, path, changes }: PartProps) => {
  const entries = Object.entries(value ?? {});
  const depth = path.length;
  const removed = changes.filter((change) => change.kind === 'removed' && change.path.length === depth + 1);
  return (
    <ul>
      {entries.slice(0, maxParts).map(([key, part]) => (
        <Part
          key={key}
          name={key}
          value={part}
          path={[...path, key]}
          changes={changes.filter((change) => change.path[depth] === key && !removed.includes(change))}
        />
      ))}
      {entries.length > maxParts && <li class="faint">{entries.length - maxParts} more</li>}
      {removed.map(({ path: at, before }) => (
        <li key={`removed ${at.at(-1)}`} class="is-removed" data-change="removed">
          <Sign kind="removed" />
          <s>
            <span class="key">{at.at(-1)}</span> {short(before)}
          </s>
        </li>
      ))}
    </ul>
  );
};

const Part = ({ name, value, path, changes }: PartProps & { readonly name: string }) => {
  const own = changes.find((change) => change.path.length === path.length);
  const mark = own?.kind;
  const isInside = changes.some((change) => change !== own);
  const isLeaf =
    typeof value !== 'object' || value === null || (Object.keys(value).length === 0 && !isInside);
  if (isLeaf)
    return (
      <li class={mark && `is-${mark}`} data-change={mark} data-key={name}>
        <Sign kind={mark} />
        <span class="key">{name}</span> <Leaf value={value} />
        {mark === 'changed' && <span class="was"> was {short(own!.before)}</span>}
      </li>
    );
  return (
    <li class={mark && `is-${mark}`} data-change={mark} data-key={name}>
      <details open={path.length < 3 || isInside}>
        <summary>
          <Sign kind={mark ?? (isInside ? 'inside' : undefined)} />
          <span class="key">{name}</span> <span class="faint">{sizeOf(value)}</span>
          {mark === 'changed' && <span class="was"> was {short(own!.before)}</span>}
        </summary>
        <Parts value={value} path={path} changes={changes.filter((change) => change !== own)} />
      </details>
    </li>
  );
};

const signs = { added: '+', removed: '−', changed: '~', inside: '·' } as const;

const Sign = ({ kind }: { readonly kind: keyof typeof signs | undefined }) =>
  kind === undefined ? null : (
    <span class="sign" title={kind === 'inside' ? 'changed inside' : kind}>
      {signs[kind]}
    </span>
  );

const Leaf = ({ value }: { readonly value: unknown }) => (
  <code class={`leaf is-${value === null ? 'null' : typeof value}`}>{short(value)}</code>
);

const maxText = 300;

const short = (value: unknown): string => shortened(JSON.stringify(value) ?? 'undefined', maxText);

const sizeOf = (value: object): string =>
  Array.isArray(value) ? `[${value.length}]` : `{${Object.keys(value).length}}`;
