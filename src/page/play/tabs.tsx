import { ownKeys } from '../own-keys.ts';

export const Tabs = <Name extends string>({
  names,
  shown,
  show,
}: {
  readonly names: readonly Name[];
  readonly shown: Name;
  readonly show: (name: Name) => void;
}) => {
  const move = (step: number) => (): void => {
    const next = names[(names.indexOf(shown) + step + names.length) % names.length]!;
    show(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" onKeyDown={ownKeys({ ArrowRight: move(1), ArrowLeft: move(-1) })}>
      {names.map((name) => (
        <button
          key={name}
          id={`tab-${name}`}
          type="button"
          role="tab"
          aria-selected={name === shown}
          aria-controls="panel-body"
          tabIndex={name === shown ? 0 : -1}
          onClick={() => show(name)}
        >
          {name}
        </button>
      ))}
    </div>
  );
};
