import { expect, it } from 'vitest';
import { createMachine } from 'xstate';
import type { Arrow, Label } from '../../../src/statechart/draw/scene.ts';
import { type Shade, type ShadeKind, shaded } from '../../../src/statechart/draw/shading.ts';
import { noLinks } from '../../../src/statechart/draw/state-box.ts';
import { layoutView } from '../../../src/statechart/draw/view.ts';
import { transitionsOf } from '../../../src/statechart/read/model.ts';
import { walk } from '../../../src/statechart/read/walk.ts';

it.each<[string, readonly ShadeKind[], string]>([
  ['was never walked', ['both', 'oneWay', 'never', 'excluded'], '✗'],
  ['has one answer only', ['excluded', 'both', 'oneWay'], '◐'],
  ['was walked, beside one that cannot be', ['excluded', 'both'], '✓'],
])('an arrow of several transitions has the shade of the one that %s', async (_, kinds, sign) => {
  const on = Object.fromEntries(kinds.map((kind) => [kind, 'b']));
  const chart = walk(createMachine({ id: 'm', initial: 'a', states: { a: { on }, b: {} } }));
  const shades = new Map(
    transitionsOf(chart).map(({ id, trigger }): [string, Shade] => {
      const kind = kinds.find((each) => each === trigger)!;
      return [id, { kind, words: `words of ${kind}` }];
    }),
  );
  const { items } = shaded(await layoutView(chart, { kind: 'outline' }, noLinks), shades);
  const paintOf = (text: string) =>
    items.find((item): item is Label => item.kind === 'label' && item.text === text)!.paint;
  const arrow = items.find((item): item is Arrow => item.kind === 'arrow' && item.strokeWidth !== undefined)!;
  expect(arrow.paint).toBe(paintOf(sign));
});
