import type { Page } from 'playwright-core';
import type { Stream } from '../../../src/simulate/dice.ts';

/** In the page: brings one of all that can be used now into sight; where it stands and what it is, or null if it is covered or gone. */
const pickInPage = `({ share, kinds }) => {
  const open = document.querySelector('dialog[open]') ?? document;
  const all = [...open.querySelectorAll(kinds)].filter((each) => !each.disabled && each.checkVisibility());
  const target = all[Math.floor(share * all.length)];
  if (target === undefined) return null;
  target.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  const { left, top, width, height } = target.getBoundingClientRect();
  const [x, y] = [left + width / 2, top + height / 2];
  const hit = document.elementFromPoint(x, y);
  if (hit === null || !(target.contains(hit) || hit.contains(target))) return null;
  const name = target.ariaLabel ?? target.title ?? target.innerText ?? '';
  return {
    x, y,
    what: \`\${target.localName}.\${target.getAttribute('class') ?? ''} \${(name || target.textContent).slice(0, 40)}\`,
    options: target.localName === 'select' ? target.options.length : 0,
  };
}`;

interface Picked {
  readonly x: number;
  readonly y: number;
  readonly what: string;
  readonly options: number;
}

const pressed =
  'button, [role=button], .flight, .lane-region, .row, .ring-node .log, .timeline, input:is([type=checkbox], [type=radio])';
const typed = 'input:not([type]), input:is([type=text], [type=number], [type=range]), textarea';
const keys = [
  ...[' ', '.', ',', 'm', 't', 'x', 'Home', 'End', 'Escape', 'Enter', 'Tab', 'Shift+Tab'],
  ...['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'PageUp', 'PageDown'],
];
const texts = [
  ...['', '0', '1', '3', '7', '9', '-1', '1e9', '99999999999', 'x', 'a key', '"', 'é🙂', '<b>', '&amp;'],
  ...['nodes: 3\n\nstart\nelect 1\npropose 1 put x 1\nstabilize\n', 'nodes: 5\ntime: runs\n\nstart\n'],
  ...['nodes: 0\n', 'start\nstart\n', 'nodes: 3\n\nstart\nexpect 1 is leader\n', 'nodes: 99\n\nnothing\n'],
];
const widths = [320, 400, 700, 899, 901, 1400, 2200];
const links = ['#', '#story=1.AAAA', '#story=7.AAAA', '#lesson=3', '#lesson=0', '#else'];

/** Does one thing that somebody might do to the playground, drawn by `dice`, and says what; null: what it drew cannot be done now. */
export const act = async (page: Page, dice: Stream): Promise<string | null> => {
  const pick = (kinds: string) =>
    page.evaluate<Picked | null>(`(${pickInPage})(${JSON.stringify({ share: dice.fraction(), kinds })})`);
  const draw = dice.fraction();
  if (draw < 0.6) {
    const target = await pick(pressed);
    if (target === null) return null;
    await page.mouse.click(target.x, target.y);
    return `clicks ${target.what}`;
  }
  if (draw < 0.7) {
    const target = await pick('select');
    if (target === null) return null;
    await page.mouse.move(target.x, target.y);
    const index = dice.between(0, target.options - 1);
    await page.evaluate(`((index) => {
      const select = document.elementFromPoint(${target.x}, ${target.y});
      if (select?.localName !== 'select') return;
      select.selectedIndex = index;
      select.dispatchEvent(new Event('change', { bubbles: true }));
    })(${index})`);
    return `chooses ${index} of ${target.what}`;
  }
  if (draw < 0.8) {
    const target = await pick(typed);
    if (target === null) return null;
    const text = dice.pick(texts);
    await page.mouse.click(target.x, target.y);
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText(text);
    return `types ${JSON.stringify(text)} into ${target.what}`;
  }
  if (draw < 0.96) {
    const key = dice.pick(keys);
    await page.keyboard.press(key);
    return `presses ${JSON.stringify(key)}`;
  }
  if (draw < 0.99) {
    const size = { width: dice.pick(widths), height: dice.between(300, 1200) };
    await page.setViewportSize(size);
    return `makes it ${size.width} × ${size.height}`;
  }
  const link = dice.pick(links);
  await page.evaluate(`location.hash = ${JSON.stringify(link)}`);
  return `goes to ${link}`;
};
