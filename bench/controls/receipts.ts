import { CONTROLS, clockMs, indexOf, type Receipt } from './design.ts';

/** What a client has been told, and when. */
export function receipts() {
  let told: Receipt[] = [];
  const values = new Array<number | null>(CONTROLS).fill(null);
  let allZeroAtMs: number | null = null;
  const take = (all: readonly { component: string | null | undefined; name: string; value: number }[]): void => {
    const atMs = clockMs();
    for (const { component, name, value } of all) {
      const index = indexOf(component, name);
      if (index === undefined) continue;
      told.push([index, value, atMs]);
      values[index] = value;
    }
    if (!values.every((value) => value === 0)) allZeroAtMs = null;
    else allZeroAtMs ??= atMs;
  };
  // Told {report}, what has come since; told {zero}, since when all values are those of a Core that was just started, or null.
  process.on('message', (asked: { report?: true; zero?: true }) => {
    if (asked.report) {
      process.send?.({ receipts: told, values });
      told = [];
    } else {
      process.send?.({ allZeroAtMs });
    }
  });
  process.on('disconnect', () => process.exit(0));
  return { take };
}
