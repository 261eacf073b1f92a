import { expect, it } from 'vitest';
import { formats, render } from '../../../src/statechart/draw/render.ts';
import { noLinks } from '../../../src/statechart/draw/state-box.ts';
import { toStately } from '../../../src/statechart/draw/stately.ts';
import { walk } from '../../../src/statechart/read/walk.ts';
import { corpus } from '../corpus/corpus.ts';

const { machine } = corpus.find(({ name }) => name === 'history-kinds')!;

const drawable = (of: (typeof corpus)[number]['machine']) => ({ chart: walk(of), stately: toStately(of) });

const drawn = (format: (typeof formats)[number], kind: 'full' | 'overview') =>
  render(drawable(machine), format, { kind }, 'light', noLinks);

it.each(['svg', 'dot', 'mermaid', 'layout'] as const)(
  'a picture as %s says which history a state keeps, and where it leads at first',
  async (format) => {
    const text = await drawn(format, 'full');
    expect(text).not.toMatch(/null history|true history|false history/);
    expect(text.match(/shallow history/g)).toHaveLength(3);
    expect(text.match(/deep history/g)).toHaveLength(2);
    for (const target of ['inside.b', 'inside.b.b2', 'inside.a.a2']) {
      expect(text).toMatch(new RegExp(`at first → ${target}(?![.\\w])`));
    }
  },
);

it('the overview says it as well, and marks final states inside a box', async () => {
  const text = await drawn('svg', 'overview');
  expect(text.match(/shallow history/g)).toHaveLength(3);
  expect(text).toContain('at first → inside.a.a2');
  const installer = corpus.find(({ name }) => name === 'installer')!;
  const picture = await render(drawable(installer.machine), 'svg', { kind: 'overview' }, 'light', noLinks);
  // Of `finished`, inside `steps`, and of `installed`, by its name and by its rules.
  expect(picture.match(/>final</g)).toHaveLength(3);
});

it('no format writes that a history state has no kind', async () => {
  for (const format of formats) {
    expect(await drawn(format, 'full'), format).not.toMatch(/type="null"|type="false"/);
  }
});
