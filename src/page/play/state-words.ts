import type { FrameNode } from '../../simulate/play/frame.ts';

/** What a node does, in a word or two: its role, and the part of it that is worth a word. */
export const roleWords = ({ isUp, isPaused, role, failure }: FrameNode): string => {
  if (!isUp) return failure === null ? 'down' : 'stopped';
  return isPaused ? `${roleName(role)}, paused` : roleName(role);
};

export const roleName = (role: string): string => (role === 'preCandidate' ? 'pre-candidate' : role);

/** The inner states of the role chart: `follower.leased` has `leased`, a leader has one for each of its regions. */
export const innerStates = (state: string): readonly string[] => {
  const inner = state.slice(state.indexOf('.') + 1);
  if (inner === state) return [];
  return (inner.startsWith('{') ? inner.slice(1, -1) : inner).split(', ').filter((each) => !quiet.has(each));
};

/** What a leader is in most of the time, which says nothing. */
const quiet = new Set(['transfer.idle', 'configuration.settled']);

/** What is wrong with it, a word or two each. */
export const troubles = ({ isPaused, clockRate, disk, failure }: FrameNode): readonly string[] => [
  ...(isPaused ? ['paused'] : []),
  ...(clockRate === 1 ? [] : [`clock ${clockRate}×`]),
  ...(disk.isSlow ? ['slow disk'] : []),
  ...(disk.isFull ? ['full disk'] : []),
  ...(disk.isOther ? ['new disk'] : []),
  ...(failure === null ? [] : ['failed']),
];

/** `electionTimeout` → `election timeout`. */
export const inWords = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
