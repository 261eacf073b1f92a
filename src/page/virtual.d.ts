/** Colours of `src/statechart/draw/palette.ts` as CSS variables, written when the page is built. */
declare module 'virtual:palette.css';

/** The role chart, laid out when the page is built. */
declare module 'virtual:role-chart' {
  const roleChart: import('./play/chart/role-chart-data.ts').RoleChart;
  export default roleChart;
}
