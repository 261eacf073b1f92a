import type { PathSet } from '../verify/paths/path.ts';
import { capabilityNames, chartCapabilities } from './capabilities.ts';
import type { Capabilities } from './protocol.ts';

/** The flags by which `raftchart paths` generates the paths for an implementation that has these. */
export const pathsFlags = (cover: PathSet['cover'], has: Capabilities): readonly string[] => [
  ...['--cover', cover],
  ...named('--with', (name) => has[name] && !chartCapabilities[name]),
  ...named('--without', (name) => !has[name] && chartCapabilities[name]),
];

const named = (flag: string, test: (name: keyof Capabilities) => boolean): readonly string[] => {
  const names = capabilityNames.filter(test);
  return names.length === 0 ? [] : [flag, names.join(',')];
};
