import type { PageChart, PageScene } from '../data/page-data.ts';
import { takenOn, tokensOn } from '../state/source.ts';
import { Marks } from './marks.tsx';
import { viewport } from './viewport.ts';

/** Where the actors that run are, and what they have just done. */
export const LiveMarks = ({ scene, chart }: { readonly scene: PageScene; readonly chart: PageChart }) => {
  const tokens = tokensOn(chart);
  const lit = tokens.flatMap(({ states }) => states);
  return (
    <Marks scene={scene} marks={tokens} lit={lit} takers={takenOn(chart)} scale={viewport.value.scale} />
  );
};
