import { createMachine } from 'xstate';

export const machine = createMachine({
  id: 'dashboard',
  initial: 'shown',
  states: {
    shown: {
      type: 'parallel',
      on: {
        reset: { target: ['.chart.line', '#narrow', '.filter.none'] },
        focusChart: { target: ['.chart.bars', '.sidebar.hidden'] },
        hide: { target: '#hiddenDashboard' },
      },
      states: {
        chart: {
          initial: 'line',
          states: { line: { on: { toggle: 'bars' } }, bars: { on: { toggle: 'line' } } },
        },
        sidebar: {
          initial: 'wide',
          states: {
            wide: { on: { shrink: '#narrow' } },
            narrow: { id: 'narrow', on: { grow: 'wide' } },
            hidden: {},
          },
        },
        filter: { initial: 'none', states: { none: { on: { filter: 'some' } }, some: {} } },
      },
    },
    hidden: {
      id: 'hiddenDashboard',
      on: { show: 'shown', showBars: { target: ['shown.chart.bars', '#dashboard.shown.filter.some'] } },
    },
  },
});
