/** The series of a scrape in Prometheus's text format, such as `raft_role{role="leader"}`, with their values. Throws if one is there twice. */
export const seriesIn = (text: string): ReadonlyMap<string, number> => {
  const series = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const space = line.lastIndexOf(' ');
    const name = line.slice(0, space);
    if (series.has(name)) throw new Error(`a series is there twice: ${name}`);
    series.set(name, Number(line.slice(space + 1)));
  }
  return series;
};
