import { createMachine } from 'xstate';

/** Keys and events of the signs that diagram languages use for themselves. */
export const machine = createMachine({
  id: 'punctuation',
  initial: 'a : b',
  states: {
    'a : b': { description: 'One; two: three # four %% five <b>six</b> &amp; seven', on: { 'x : y': 'a;b' } },
    'a;b': { on: { 'x;y': 'C# #1' } },
    'C# #1': { on: { 'x#y': '%% percent' } },
    '%% percent': { on: { 'x %% y': '%%{init: {}}%%' } },
    '%%{init: {}}%%': { on: { '{': '<b>bold</b>' } },
    '<b>bold</b>': { on: { '<x>': '&amp;' } },
    '&amp;': { on: { '&': '-->' } },
    '-->': { on: { '-->': '[*]' } },
    '[*]': { on: { '[*]': '--' } },
    '--': { on: { '--': '{' } },
    '{': { on: { '}': '}' } },
    '}': { on: { '<<fork>>': ':::classy' } },
    ':::classy': { on: { ':::': '<<fork>>' } },
    '<<fork>>': { on: { '|': '|pipe|' } },
    '|pipe|': { on: { $$x$$: '*' } },
    '*': { on: { '**bold**': '_under_' } },
    _under_: { on: { '#quot;': '' } },
    '': { on: { ' ': '  two  spaces  ' } },
    '  two  spaces  ': { on: { 'é ß ñ': '<br/>' } },
    '<br/>': { on: { '/': 'state "x" as y' } },
    'state "x" as y': { on: { '…': 'at #35;' } },
    'at #35;': { on: { '~': 'a : b' } },
  },
});
