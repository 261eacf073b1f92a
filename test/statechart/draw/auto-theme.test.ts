import { expect, it } from 'vitest';
import { noLinks } from '../../../src/statechart/draw/state-box.ts';
import { toSvg } from '../../../src/statechart/draw/svg.ts';
import { layoutView } from '../../../src/statechart/draw/view.ts';
import { charts } from './charts-and-views.ts';

it('a picture that follows its reader is the light one, and the dark one where the system is dark', async () => {
  const { chart } = charts[0]!;
  const scene = await layoutView(chart, { kind: 'overview' }, noLinks);
  const auto = toSvg(scene, 'auto');
  const [, rules] = /@media\(prefers-color-scheme:dark\)\{(.*)\}<\/style>/.exec(auto)!;
  const light = auto.replace(/@media.*(?=<\/style>)/, '');
  expect(light).toBe(toSvg(scene, 'light'));
  let dark = light;
  for (const [, part, from, to] of rules!.matchAll(/\[(fill|stroke)=&quot;(#\w+)&quot;\]\{\1:(#\w+)\}/g))
    dark = dark.replaceAll(`${part}="${from}"`, `${part}="${to}"`);
  expect(dark).toBe(toSvg(scene, 'dark'));
});
