import type { Variables } from '../engine.ts';

/** One estimate: what was reckoned already is not reckoned again, however many selections share it. */
export type Reckoning = { variables: Variables; known: Map<Formula, number> };

/** A part of a cost that depends on variables. */
export type Formula = (reckoning: Reckoning) => number;

/** What something costs: a number, or what it takes to find it once the variables are there. */
export type Cost = number | Formula;

/** The value of a cost. Each formula is reckoned once: fragments that double at each level would else take for ever. */
export function reckon(cost: Cost, reckoning: Reckoning): number {
  if (typeof cost === 'number') return cost;
  const known = reckoning.known.get(cost);
  if (known !== undefined) return known;
  const value = cost(reckoning);
  reckoning.known.set(cost, value);
  return value;
}

const isFormula = (cost: Cost): cost is Formula => typeof cost === 'function';

/** Combines costs: at once where all are numbers. */
function combine(costs: readonly Cost[], by: (a: number, b: number) => number, start: number): Cost {
  let constant = start;
  for (const cost of costs) if (typeof cost === 'number') constant = by(constant, cost);
  const formulas = costs.filter(isFormula);
  if (formulas.length === 0) return constant;
  if (formulas.length === 1 && constant === start && formulas[0] !== undefined) return formulas[0];
  return (reckoning) => formulas.reduce((sum, formula) => by(sum, reckon(formula, reckoning)), constant);
}

export const sumOf = (costs: readonly Cost[]): Cost => combine(costs, (a, b) => a + b, 0);
export const greatestOf = (costs: readonly Cost[]): Cost => combine(costs, Math.max, 0);

export function timesOf(a: Cost, b: Cost): Cost {
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  if (a === 0 || b === 0) return 0;
  if (a === 1) return b;
  if (b === 1) return a;
  return (reckoning) => reckon(a, reckoning) * reckon(b, reckoning);
}
