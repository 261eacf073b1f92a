import { describe, expect, it } from 'vitest';
import { faultActs } from '../../../src/simulate/counterexample/fault-acts.ts';
import { calmPlan, type Plan } from '../../../src/simulate/plan.ts';
import type { Fault } from '../../../src/trace/fault.ts';

/** Each directive with its time in milliseconds before it. */
const toldOf = (faults: readonly Fault[], plan: Partial<Plan> = {}): readonly string[] =>
  faultActs({ ...calmPlan, ...plan, faults }).map(({ atUs, directive }) => `${atUs / 1000} ${directive}`);

const from1 = { fromMs: 1, toMs: 5 } as const;
const from2 = { fromMs: 2, toMs: 6 } as const;
const split = { kind: 'partition', groups: [[1], [2, 3]], oneWay: false } as const;

describe('the faults of a plan as directives', () => {
  it.each<[string, readonly Fault[], readonly string[]]>([
    [
      'are in order of time, whichever was listed first',
      [
        { kind: 'pause', ...from2, node: 1 },
        { kind: 'fullDisk', ...from1, node: 2 },
      ],
      ['1 full-disk 2', '2 pause 1', '5 full-disk 2 no', '6 resume 1'],
    ],
    [
      'name what begins and what ends',
      [
        { kind: 'failedSync', ...from1, node: 1 },
        { kind: 'lostDisk', ...from2, node: 2 },
      ],
      ['1 fail-sync 1', '2 lose-disk 2', '5 fail-sync 1 no', '6 restore-disk 2'],
    ],
    [
      'say once how long a link is stalled, and that a connection breaks',
      [
        { kind: 'hold', fromMs: 0.1, toMs: 0.3, from: 1, to: 2 },
        { kind: 'disconnect', ...from1, nodes: [1, 3] },
      ],
      ['0.1 stall 1 to 2 0.2ms', '1 disconnect 1 3'],
    ],
    [
      'add up what slows one link or one disk, to the microsecond',
      [
        { kind: 'slowLink', ...from1, from: 1, to: 2, addMs: 0.1 },
        { kind: 'slowLink', ...from2, from: 1, to: 2, addMs: 0.2 },
        { kind: 'slowDisk', ...from1, node: 1, addMs: 5 },
        { kind: 'slowDisk', ...from2, node: 2, addMs: 7 },
      ],
      [
        '1 slow-link 1 to 2 0.1ms',
        '1 slow-disk 1 5ms',
        '2 slow-link 1 to 2 0.3ms',
        '2 slow-disk 2 7ms',
        '5 slow-link 1 to 2 0.2ms',
        '5 slow-disk 1 0ms',
        '6 slow-link 1 to 2 0ms',
        '6 slow-disk 2 0ms',
      ],
    ],
    [
      'restart a node once nothing keeps it down any more',
      [
        { kind: 'crash', ...from1, nodes: [1, 2], effects: 0 },
        { kind: 'crash', ...from2, nodes: [2, 3], effects: 4 },
        { kind: 'crash', fromMs: 3, toMs: 4, nodes: [2], effects: 0 },
      ],
      ['1 crash 1 2', '2 crash 3 after 4', '5 restart 1', '6 restart 2 3'],
    ],
    [
      'partition a network that is whole, and heal it',
      [{ ...split, ...from1 }],
      ['1 partition 1 | 2 3', '5 heal'],
    ],
    [
      'leave out empty groups',
      [{ ...split, ...from1, groups: [[1], [], [2, 3]] }],
      ['1 partition 1 | 2 3', '5 heal'],
    ],
    ['cut one way', [{ ...split, ...from1, oneWay: true }], ['1 cut 1 to 2', '1 cut 1 to 3', '5 heal']],
    [
      'cut the links of a node that is in no group',
      [{ ...split, ...from1, groups: [[1], [2]] }],
      [
        '1 cut 1 to 2',
        '1 cut 1 to 3',
        '1 cut 2 to 1',
        '1 cut 2 to 3',
        '1 cut 3 to 1',
        '1 cut 3 to 2',
        '5 heal',
      ],
    ],
    [
      'cut and mend only what no other partition cuts',
      [
        { ...split, ...from1 },
        { ...split, ...from2, groups: [[1, 3], [2]] },
      ],
      ['1 partition 1 | 2 3', '2 cut 2 to 3', '2 cut 3 to 2', '5 mend 1 to 3', '5 mend 3 to 1', '6 heal'],
    ],
    [
      'say nothing of a partition that changes nothing',
      [
        { ...split, ...from1 },
        { ...split, ...from2, toMs: 4, oneWay: true },
      ],
      ['1 partition 1 | 2 3', '5 heal'],
    ],
    ['never heal a partition that lasts', [{ ...split, ...from1, lasts: true }], ['1 partition 1 | 2 3']],
  ])('%s', (_, faults, told) => {
    expect(toldOf(faults)).toEqual(told);
  });

  it('set a clock to its rate in the plan, times that of the fault', () => {
    const skew = { kind: 'skew', rate: 0.5 } as const;
    expect(
      toldOf(
        [
          { ...skew, ...from1, node: 1 },
          { ...skew, ...from2, node: 2 },
        ],
        { clockRates: [1.5, 1, 1] },
      ),
    ).toEqual(['1 clock 1 0.75', '2 clock 2 0.5', '5 clock 1 1.5', '6 clock 2 1']);
  });
});
