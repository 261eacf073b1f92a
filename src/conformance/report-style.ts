import { type Paint, palettes, type Theme } from '../statechart/draw/palette.ts';

const variables = (theme: Theme): string =>
  Object.entries(palettes[theme])
    .map(([paint, colour]) => `--${paint}:${colour}`)
    .join(';');

/** The colours of pictures on the page: those of its theme. */
export const pageColours = Object.fromEntries(
  Object.keys(palettes.light).map((paint) => [paint, `var(--${paint})`]),
) as Readonly<Record<Paint, string>>;

/** The look of a report: light or dark as the reader's system is, readable on paper too. */
export const reportStyle = `
:root{color-scheme:light dark;${variables('light')}}
@media (prefers-color-scheme:dark){:root{${variables('dark')}}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1.5rem 1rem 4rem;max-width:76rem;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,Helvetica,Arial,sans-serif}
h1{font-size:1.6rem;margin:0 0 .25rem}
h2{font-size:1.25rem;margin:2.5rem 0 .75rem}
h3{font-size:1.05rem;margin:0;line-height:1.35}
p{margin:.4rem 0}
code,ol,.differences{font-family:ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;font-size:.83rem}
.faint{color:var(--faint)}
.counts{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;padding:0;margin:.75rem 0;list-style:none}
.alarm{border-left:4px solid var(--removed);padding:.3rem .8rem;background:var(--panel)}
article{border:1px solid var(--line);border-radius:8px;background:var(--panel);padding:1rem 1.1rem;margin:0 0 1.25rem}
.tag{display:inline-block;border:1.5px solid;border-radius:4px;padding:0 .45rem;margin-right:.4rem;font-weight:700;font-size:.8rem;vertical-align:.08em}
.safety,.durability{color:var(--removed)}.liveness{color:var(--timer)}.form,.expected{color:var(--faint)}
.safety{background:var(--removed);border-color:var(--removed);color:var(--paper)}
ol{margin:.7rem 0;padding-left:2.2rem}
ol>li{margin:.12rem 0}
.differences{margin:.2rem 0 .3rem;padding:.25rem .7rem;border-left:3px solid var(--removed);list-style:none;color:var(--removed)}
.lost{color:var(--timer)}
.picture{overflow-x:auto;border:1px solid var(--line);border-radius:6px;background:var(--paper);margin:.6rem 0 0}
.picture svg{display:block;max-width:100%;min-width:var(--least);height:auto}
.replay{overflow-x:auto;white-space:pre;padding:.45rem .7rem;border:1px solid var(--line);border-radius:6px;background:var(--paper);display:block}
table{border-collapse:collapse;width:100%}
td,th{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line)}
td:first-child{white-space:nowrap;font-weight:700;width:7rem}
.failed{color:var(--removed)}.passed{color:var(--stay)}.notApplicable,.notReached{color:var(--faint)}
summary{cursor:pointer}
@media print{article{break-inside:avoid}}
`;
