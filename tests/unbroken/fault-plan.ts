/** Who is killed, and when: milliseconds after the changes began. */
export type PlannedFault<Victim> = { victim: Victim; atMs: number };

/** Each victim once, in an order and at moments that `random` gives; the earliest comes first. */
export const planFaults = <Victim>(
  victims: readonly Victim[],
  { random, withinMs }: { random: () => number; withinMs: number },
): PlannedFault<Victim>[] =>
  victims
    .map((victim) => ({ victim, atMs: Math.round(random() * withinMs) }))
    .sort((one, other) => one.atMs - other.atMs);

/** Seeds for one run: another run has others. */
export const drawSeeds = (count: number): number[] =>
  Array.from({ length: count }, () => Math.floor(Math.random() * 1_000_000));
