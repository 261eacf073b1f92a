import { describe, expect, it } from 'vitest';
import { type UnderSessions, underSessions } from '../../src/simulate/exactly-once.ts';
import { defaultPlan, generatePlan } from '../../src/simulate/generate-plan.ts';
import { calmPlan } from '../../src/simulate/plan.ts';
import { runSimulation } from '../../src/simulate/run-simulation.ts';
import type { SessionStateMachine } from '../../src/store/sessions/session-state-machine.ts';

const planOf = (seed: number) => generatePlan({ ...defaultPlan, seed, durationMs: 20_000 });

/** Sessions of which something is broken. */
const broken =
  (breakIt: (sessions: SessionStateMachine<unknown>) => void): UnderSessions =>
  (stateMachine, results) => {
    const sessions = underSessions(stateMachine, results) as SessionStateMachine<unknown>;
    breakIt(sessions);
    return sessions;
  };

const forgetting = broken(({ table }) => {
  const judge = table.judge.bind(table);
  table.judge = (...command) => {
    const judgement = judge(...command);
    return judgement.type === 'repeated' ? { type: 'new' } : judgement;
  };
});
const withoutKeys = broken(({ table }) => {
  table.judge = () => ({ type: 'new' });
  table.remember = () => {};
});

/** The first of a few seeds that breaks a property. */
const firstViolation = async (sessions: UnderSessions) => {
  for (let seed = 1; seed <= 5; seed++) {
    const { violation } = await runSimulation(planOf(seed), { sessions });
    if (violation !== null) return { seed, property: violation.property };
  }
  return null;
};

describe('clients that send a command again', () => {
  it('are answered from memory, and no command takes effect twice (thesis §6.3)', async () => {
    const { violation, figures } = await runSimulation(planOf(1));
    expect(violation).toBeNull();
    expect(figures.repeated).toBeGreaterThan(0);
  });

  it('open sessions that expire in a run of a minute, on every node', async () => {
    const forgotten: number[] = [];
    const counting = broken(({ table }) => {
      const at = forgotten.push(0) - 1;
      const pass = table.pass.bind(table);
      table.pass = (stampMs) => {
        const before = table.size;
        pass(stampMs);
        forgotten[at]! += before - table.size;
      };
    });
    const { violation } = await runSimulation({ ...calmPlan, durationMs: 60_000 }, { sessions: counting });
    expect(violation).toBeNull();
    expect(forgotten).toHaveLength(3);
    expect(forgotten[0]).toBeGreaterThan(10);
    expect(new Set(forgotten).size).toBe(1);
  });

  it.each([
    ['forget results', forgetting],
    ['know no command again', withoutKeys],
  ])('catch sessions that %s, within a few seeds', async (_, sessions) => {
    expect(await firstViolation(sessions)).toMatchObject({ property: 'Exactly Once' });
  });
});
