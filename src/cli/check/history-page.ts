/** The style of the page; its colours are named once for light and once for dark. */
export const pageStyle = `
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #ffffff; --faint: #57606a; --edge: #d0d7de; --bar: #ddeaf9; --bar-edge: #2563a8; --bad: #a40e26; --bad-bar: #ffe3e6; --path: #6639ba; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #0d1117; --faint: #9aa5b1; --edge: #30363d; --bar: #12304f; --bar-edge: #6cb0f5; --bad: #ff8f8f; --bad-bar: #4a1219; --path: #c9a6ff; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 12px; font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
h1 { font-size: 1.15rem; margin: 0 0 6px; overflow-wrap: anywhere; }
p { margin: 0 0 6px; max-width: 75ch; overflow-wrap: anywhere; }
.verdict { border: 2px solid; border-radius: 6px; padding: 1px 8px; white-space: nowrap; }
.verdict.notLinearizable { color: var(--bad); }
.keys { color: var(--faint); }
kbd { border: 1px solid var(--edge); border-radius: 4px; padding: 0 5px; font: inherit; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 12px; margin: 0 0 8px; }
dl[hidden] { display: none; }
dt { font-weight: 600; } dd { margin: 0; overflow-wrap: anywhere; }
.timeline { display: flex; overflow-x: auto; border: 1px solid var(--edge); border-radius: 8px; padding: 8px 0; }
.names { position: sticky; left: 0; z-index: 3; flex: 0 0 56px; background: var(--paper); border-right: 1px solid var(--edge); }
.names div { position: absolute; left: 0; right: 0; height: 44px; padding: 11px 6px 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; text-align: right; color: var(--faint); }
.field { position: relative; flex: none; }
.field svg { position: absolute; inset: 0; z-index: 2; pointer-events: none; }
.bar { position: absolute; height: 28px; padding: 0 4px; border: 1.5px solid var(--bar-edge); border-radius: 6px; background: var(--bar); color: var(--ink); font: 12px/1 ui-monospace, monospace; text-align: left; overflow: hidden; cursor: pointer; }
.bar span { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; padding-bottom: 6px; }
.bar.open { border-right: 0; border-radius: 6px 0 0 6px; mask-image: linear-gradient(to right, #000 55%, transparent); }
.bar.unplaced { border-style: dotted; }
.bar.culprit { border: 3px dashed var(--bad); background: var(--bad-bar); font-weight: 700; }
.bar:focus-visible, .bar.pinned { outline: 3px solid var(--path); outline-offset: 1px; z-index: 1; }
.path { fill: none; stroke: var(--path); stroke-width: 1.5; stroke-opacity: .55; }
circle { fill: var(--paper); stroke: var(--path); stroke-width: 1.5; }
svg text { font: 700 8.5px ui-monospace, monospace; text-anchor: middle; fill: var(--ink); }
.stop { stroke: var(--bad); stroke-width: 2; fill: var(--bad); stroke-dasharray: 5 3; }
#details { margin-top: 10px; border: 1px solid var(--edge); border-radius: 8px; padding: 10px 12px; min-height: 7.5em; }
#details h2 { font-size: 1rem; margin: 0 0 4px; overflow-wrap: anywhere; }
`;

/** Moves between operations and shows them. Texts are set as texts, never as markup. */
export const pageScript = `
const bars = JSON.parse(document.getElementById('bars').textContent);
const buttons = [...document.querySelectorAll('.bar')];
const details = document.getElementById('details');
const legend = document.getElementById('legend');
let pinned = -1;
let current = Math.max(bars.findIndex((bar) => bar.isCulprit), 0);
const element = (name, text) => Object.assign(document.createElement(name), { textContent: text });
const show = (index) => {
  const bar = bars[index];
  const list = document.createElement('dl');
  const row = (name, text) => list.append(element('dt', name), element('dd', text));
  row('recorded', bar.text);
  if (bar.placed) {
    row('in the order', 'number ' + bar.placed.number);
    row('state before', bar.placed.before);
    row('state after', bar.placed.after);
  } else row('in the order', bar.isCulprit ? '✗ no order has a place for it' : 'not at all, and it need not be');
  if (bar.isCulprit) row('states meanwhile', bar.meanwhile.join(', '));
  details.replaceChildren(element('h2', bar.call + (pinned === index ? ' (pinned)' : '')), list);
};
const pin = (index) => {
  if (pinned !== -1) { buttons[pinned].classList.remove('pinned'); buttons[pinned].removeAttribute('aria-pressed'); }
  pinned = index;
  if (index === -1) return;
  buttons[index].classList.add('pinned');
  buttons[index].setAttribute('aria-pressed', 'true');
  show(index);
};
const focus = (index) => {
  buttons[current].tabIndex = -1;
  current = index;
  buttons[index].tabIndex = 0;
  buttons[index].focus();
};
const beside = (step) => {
  const rows = [...new Set(bars.map((bar) => bar.row))].sort((a, b) => a - b);
  const row = rows[rows.indexOf(bars[current].row) + step];
  if (row === undefined) return current;
  const distance = (index) => Math.abs(bars[index].from - bars[current].from);
  return bars.map((_, index) => index).filter((index) => bars[index].row === row).reduce((a, b) => (distance(b) < distance(a) ? b : a));
};
buttons.forEach((button, index) => {
  button.addEventListener('focus', () => { if (pinned === -1) show(index); });
  button.addEventListener('mouseenter', () => { if (pinned === -1) show(index); });
  button.addEventListener('click', () => { focus(index); pin(pinned === index ? -1 : index); show(index); });
});
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || buttons.length === 0) return;
  const moves = { ArrowLeft: () => Math.max(current - 1, 0), ArrowRight: () => Math.min(current + 1, bars.length - 1), ArrowUp: () => beside(-1), ArrowDown: () => beside(1) };
  if (moves[event.key]) { event.preventDefault(); focus(moves[event.key]()); }
  else if (event.key === 'Escape') { pin(-1); show(current); }
  else if (event.key === '?') legend.hidden = !legend.hidden;
});
if (buttons.length > 0) {
  buttons[current].tabIndex = 0;
  buttons[current].scrollIntoView({ block: 'nearest', inline: 'center' });
  show(current);
}
`;
