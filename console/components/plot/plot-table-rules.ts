import type { PlotPoint } from './plot-rules.ts';

/** The values of all series in one step; null where there is no data. */
export type PlotTableRow = { fromMs: number; values: (number | null)[] };

/** A row for each step in which any series has a value, the newest first. */
export function tableRows(series: readonly (readonly PlotPoint[])[]): PlotTableRow[] {
  const columns = series.map((points) => new Map(points.map(({ fromMs, value }) => [fromMs, value])));
  const times = new Set(
    columns.flatMap((column) => [...column].flatMap(([at, value]) => (value === null ? [] : [at]))),
  );
  return [...times]
    .sort((a, b) => b - a)
    .map((fromMs) => ({ fromMs, values: columns.map((column) => column.get(fromMs) ?? null) }));
}

/** The rows as text that spreadsheets take: cells between tabs, whole numbers, times by RFC 3339. */
export const tableText = (time: string, heads: readonly string[], rows: readonly PlotTableRow[]): string =>
  [
    [time, ...heads],
    ...rows.map(({ fromMs, values }) => [new Date(fromMs).toISOString(), ...values.map((value) => value ?? '')]),
  ]
    .map((cells) => cells.map((cell) => String(cell).replaceAll(/[\t\r\n]/g, ' ')).join('\t'))
    .join('\n');
