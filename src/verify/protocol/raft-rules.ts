import type { RuleStyle } from '../../statechart/read/rule-style.ts';

/** How the charts cite the Raft paper and the thesis: `Raft paper §5.4.1; Figure 2, RequestVote 2` becomes `§5.4.1, Fig. 2`. */
export const raftRules: RuleStyle = {
  shorten: (rule) =>
    rule
      .split(';')
      .map((part) =>
        part
          .trim()
          .replace(/^Raft paper /, '')
          .replace(/^[Tt]hesis /, 'thesis ')
          .replace(/^Figure (\d+).*$/, 'Fig. $1')
          .replace(/(§[\d.]+), [A-Z].*$/, '$1'),
      )
      .join(', '),
  noteOn: (rules) =>
    rules.some((rule) => rule.includes('Raft paper')) ? 'In the tables § alone means the Raft paper.' : '',
};
