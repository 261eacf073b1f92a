import { describe, expect, it } from 'vitest';
import type { UnderSessions } from '../../src/simulate/exactly-once.ts';
import { underSessions } from '../../src/simulate/exactly-once.ts';
import { defaultPlan, generatePlan } from '../../src/simulate/generate-plan.ts';
import { kvService } from '../../src/simulate/kv-service.ts';
import { type RunOptions, runSimulation } from '../../src/simulate/run-simulation.ts';
import { encodeDelete } from '../../src/store/kv/commands.ts';
import { KvStateMachine } from '../../src/store/kv/kv-state-machine.ts';

/** So small that followers lack what the log has dropped all the time. */
const plan = generatePlan({
  ...defaultPlan,
  nodes: 3,
  durationMs: 20_000,
  snapshots: { entries: 10, trailingEntries: 0, chunkBytes: 64 },
});

const brokenIn = async (options: RunOptions): Promise<string | null> =>
  (await runSimulation(plan, options)).violation?.property ?? null;

class Forgetful extends KvStateMachine {
  override async restore(pieces: AsyncIterable<Uint8Array>): Promise<void> {
    await super.restore(pieces);
    this.apply(encodeDelete('k1'));
  }
}

/** A snapshot holds the state machine alone. */
const sessionsLeftOut: UnderSessions = (stateMachine, results) => {
  const sessions = underSessions(stateMachine, results);
  return {
    apply: (command, position) => sessions.apply(command, position),
    snapshot: () => stateMachine.snapshot!(),
    restore: (pieces) => stateMachine.restore!(pieces),
  };
};

describe('snapshots in a simulated cluster (Raft paper §7)', () => {
  it('are taken, sent chunk by chunk and restored, with every kind of fault', async () => {
    const { violation, figures } = await runSimulation(plan);
    expect(violation).toBeNull();
    const { taken, chunks, installed, restarts } = figures.snapshots;
    for (const count of [taken, chunks - installed, installed, restarts]) expect(count).toBeGreaterThan(3);
  });

  it('are none without a plan for them', async () => {
    const { snapshots: _, ...without } = plan;
    const { figures } = await runSimulation({ ...without, durationMs: 5000 });
    expect(figures.snapshots).toEqual({ taken: 0, chunks: 0, installed: 0, restarts: 0 });
  });

  it('give away a state machine that forgets a key when it is restored', async () => {
    expect(await brokenIn({ service: { ...kvService, stateMachine: () => new Forgetful() } })).toBe(
      'Snapshots Equal',
    );
  });

  it('give away sessions that are not among what is restored', async () => {
    expect(await brokenIn({ sessions: sessionsLeftOut })).toBe('Snapshots Equal');
  });
});
