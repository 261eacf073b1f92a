import type { SourceIndex, SourcePlace } from '../read/source-index.ts';
import type { MachineSources } from './machine-sources.ts';

/** Places of definitions by name. */
export const indexSources = ({ declarations, definitions }: MachineSources): SourceIndex => {
  const placeAt = (at: number | undefined): SourcePlace | null => {
    const declaration = at === undefined ? undefined : declarations[at];
    return declaration === undefined
      ? null
      : { path: declaration.path, line: declaration.line, body: declaration.text };
  };
  const named = (name: string) =>
    definitions.find((each) => each.kind !== 'inline' && each.name === name) ?? null;
  /** In a module that is no machine. */
  const declared = (name: string) => placeAt(declarations.findIndex((each) => each.name === name));
  return {
    binding: (name) => placeAt(named(name)?.roots[0]),
    rule: (name) => {
      const definition = named(name);
      return definition === null || definition.kind === 'inline' ? declared(name) : placeAt(definition.rule);
    },
  };
};
