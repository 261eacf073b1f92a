import { setup } from 'xstate';

export const machine = setup({
  types: {} as {
    context: { volume: number };
    events: { type: 'play' } | { type: 'pause' } | { type: 'stop' } | { type: 'mute' } | { type: 'unmute' };
    tags: 'audible' | 'idle';
  },
  actions: {
    setVolume: (_, _params: { level: number }) => {},
    showBanner: (_, _params: { text: string; seconds: number }) => {},
  },
}).createMachine({
  id: 'mediaPlayer',
  context: { volume: 70 },
  type: 'parallel',
  states: {
    playback: {
      initial: 'stopped',
      states: {
        stopped: { tags: 'idle', on: { play: 'playing' } },
        playing: {
          tags: ['audible'],
          entry: { type: 'showBanner', params: { text: 'Now playing', seconds: 3 } },
          on: { pause: 'paused', stop: 'stopped' },
        },
        paused: { tags: ['idle'], on: { play: 'playing', stop: 'stopped' } },
      },
    },
    sound: {
      initial: 'on',
      states: {
        on: {
          entry: { type: 'setVolume', params: ({ context }) => ({ level: context.volume }) },
          on: { mute: 'muted' },
        },
        muted: {
          entry: { type: 'setVolume', params: { level: 0 } },
          on: { unmute: 'on' },
        },
      },
    },
  },
});
