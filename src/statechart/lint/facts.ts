import { typesFor } from '../read/event-match.ts';
import { type ChartModel, type StateModel, statesBelow, type TransitionModel } from '../read/model.ts';
import { triggerOf } from '../read/xstate-internals.ts';
import { conjunction, disjunction, type Formula, mayHold, negation } from './formula.ts';
import { formulaOf } from './guard-formula.ts';
import { memo } from './memo.ts';
import { childrenOf, Structure } from './structure.ts';

/**
 * What follows from the form of a chart, for all rules: which states can be entered and which transitions can be taken, if any event may
 * come at any time and any guard may hold. Only what is surely impossible is left out.
 */
export class Facts extends Structure {
  readonly #entered = new Set<string>();
  readonly #taken = new Set<string>();
  readonly #formulas = new Map<string, Formula>();
  readonly #passed = new Map<StateModel, boolean>();
  /** What changes as more states are found to be entered. */
  readonly #untaken = new Map<string, Formula>();
  readonly #rests = new Map<StateModel, boolean>();

  constructor(chart: ChartModel) {
    super(chart);
    this.#walk();
  }

  canBeEntered({ id }: StateModel): boolean {
    return this.#entered.has(id);
  }

  canBeTaken({ id }: TransitionModel): boolean {
    return this.#taken.has(id);
  }

  /** What its guard says, with nothing known of a named one. */
  formula({ id, asks }: TransitionModel): Formula {
    return memo(this.#formulas, id, () => formulaOf(asks, id));
  }

  /** What must hold for none of the transitions of `state` to take an event of this type. */
  refusal(state: StateModel, type: string): Formula {
    return conjunction(this.branchesFor(state, type).map((each) => negation(this.formula(each))));
  }

  /** What must hold for nothing inside `state` to take an event of this type, so that the state itself is asked. */
  passedUp(state: StateModel, type: string): Formula {
    const inside = childrenOf(state).filter((child) => this.canBeEntered(child));
    // Each state without children is asked for an eventless transition on its own, whatever other regions do.
    if (state.type === 'parallel' && type !== '')
      return conjunction(inside.map((child) => this.#left(child, type)));
    if (inside.length === 0) return true;
    return disjunction(inside.map((child) => this.#left(child, type)));
  }

  /** Whether the chart can be in `state` while nothing but an event moves it on. */
  canRest(state: StateModel): boolean {
    return this.around(state).every((each) => !this.isPassedThrough(each)) && this.#hasRest(state);
  }

  /** Whether an eventless transition surely leads out of `state` at once. */
  isPassedThrough(state: StateModel): boolean {
    return memo(this.#passed, state, () => this.#leavesAtOnce(state));
  }

  #leavesAtOnce(state: StateModel): boolean {
    const always = this.branchesFor(state, '');
    if (always.length === 0 || this.hasRivals(state)) return false;
    if (statesBelow(state).some((each) => each !== state && hasAlways(each))) return false;
    const passed: Formula[] = [];
    for (const each of always) {
      const formula = this.formula(each);
      if (formula === false) continue;
      if (!this.#endsElsewhere(each, state)) return false;
      passed.push(negation(formula));
      if (!mayHold(conjunction(passed))) return true;
    }
    return false;
  }

  /** Whether `state` is surely not active when the transition is done. A state that is entered again as it was is one in which the machine waits. */
  #endsElsewhere(transition: TransitionModel, state: StateModel): boolean {
    return (
      this.leaves(transition) &&
      transition.targets.every((id) => {
        const target = this.state(id);
        if (target.type === 'history' && this.isWithin(state.id, target.parent!)) return false;
        return !this.activeAfter(id).includes(state);
      })
    );
  }

  /** Whether `state` can be done: a final state just inside it can be entered. */
  canBeDone(state: StateModel): boolean {
    switch (state.type) {
      case 'final':
        return true;
      case 'compound':
        return state.states.some((child) => child.type === 'final' && this.canBeEntered(child));
      case 'parallel':
        return childrenOf(state).every((region) => this.canBeDone(region));
      default:
        return false;
    }
  }

  #walk(): void {
    this.#addEntered(this.chart.root.id);
    for (let isChanged = true, entered = 0; isChanged || this.#entered.size > entered; ) {
      isChanged = false;
      entered = this.#entered.size;
      for (const transition of this.transitions) {
        if (this.#taken.has(transition.id) || !this.#entered.has(transition.source)) continue;
        if (!this.#mayBeTaken(transition)) continue;
        this.#taken.add(transition.id);
        isChanged = true;
        for (const target of transition.targets) this.#addEntered(target);
      }
      this.#remember();
    }
  }

  /** What a shallow history remembers starts in its own initial states again, even where it was entered deeper before. */
  #remember(): void {
    for (const state of this.states) {
      if (state.type !== 'history' || state.history === 'deep' || !this.canBeEntered(state)) continue;
      const remembered = childrenOf(this.state(state.parent!)).filter((child) => this.canBeEntered(child));
      for (const { id } of remembered) this.#addEntered(id);
    }
  }

  #addEntered(target: string): void {
    const before = this.#entered.size;
    for (const { id } of this.activeAfter(target)) this.#entered.add(id);
    // More states let more events pass.
    if (this.#entered.size === before) return;
    this.#untaken.clear();
    this.#rests.clear();
  }

  #mayBeTaken(transition: TransitionModel): boolean {
    const source = this.state(transition.source);
    const { kind, eventType } = transition;
    if (kind !== 'always' && !this.canRest(source)) return false;
    if (kind === 'done' && !this.#mayBeDoneWith(eventType)) return false;
    return typesFor(eventType, this.descriptors).some((type) => mayHold(this.chance(transition, type)));
  }

  /** What must hold for `transition` to be the one that takes an event of this type. */
  chance(transition: TransitionModel, type: string): Formula {
    const source = this.state(transition.source);
    const branches = this.branchesFor(source, type);
    const earlier = branches.slice(0, branches.indexOf(transition));
    return conjunction([
      this.formula(transition),
      ...earlier.map((each) => negation(this.formula(each))),
      this.passedUp(source, type),
    ]);
  }

  #mayBeDoneWith(eventType: string): boolean {
    const { trigger } = triggerOf(eventType, '');
    if (!this.has(trigger)) return false;
    const state = this.state(trigger);
    // The root is done with the machine itself, which then takes nothing any more.
    return state.parent !== null && this.canBeDone(state);
  }

  /** What must hold for neither `state` nor anything inside it to take an event of this type. */
  #left(state: StateModel, type: string): Formula {
    return memo(this.#untaken, `${state.id}\n${type}`, () =>
      type !== '' && !this.#hasRest(state)
        ? false
        : conjunction([this.refusal(state, type), this.passedUp(state, type)]),
    );
  }

  #hasRest(state: StateModel): boolean {
    return memo(this.#rests, state, () => this.#restsIn(state));
  }

  #restsIn(state: StateModel): boolean {
    if (this.isPassedThrough(state) || isEnd(state, this.chart)) return false;
    const inside = childrenOf(state).filter((child) => this.canBeEntered(child));
    if (inside.length === 0) return true;
    return state.type === 'parallel'
      ? inside.every((child) => this.#hasRest(child))
      : inside.some((child) => this.#hasRest(child));
  }
}

const hasAlways = (state: StateModel): boolean => state.transitions.some(({ kind }) => kind === 'always');

/** In a final state of the root the machine has stopped; one of several regions stops nothing. */
const isEnd = (state: StateModel, { root }: ChartModel): boolean =>
  state.type === 'final' && state.parent === root.id && root.type === 'compound';
