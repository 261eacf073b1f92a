/** A handler of the keys that a part of the page has for itself, by `KeyboardEvent.key`. All others stay what they are on the page. */
export const ownKeys =
  (actions: Readonly<Record<string, () => void>>) =>
  (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(actions, event.key)) return;
    event.preventDefault();
    actions[event.key]!();
  };
