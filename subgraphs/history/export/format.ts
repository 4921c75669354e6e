import type { ExportFormat } from './params.ts';

export type Cell = string | number | null;

/** How rows become text. `cells` are in the order of the columns. */
export type RowWriter = {
  contentType: string;
  /** What stands above the first row. */
  header: string;
  row: (cells: readonly Cell[]) => string;
};

/** A text that begins so is a formula to spreadsheets, or leads one in (OWASP, "CSV Injection"). Numbers are never guarded. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

/** A field after RFC 4180: in quotes where it has a quote, a comma or the end of a line, its quotes doubled. */
function csvField(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const csv = (columns: readonly string[]): RowWriter => ({
  contentType: 'text/csv; charset=utf-8; header=present',
  header: `${columns.join(',')}\r\n`,
  row: (cells) => `${cells.map(csvField).join(',')}\r\n`,
});

const ndjson = (columns: readonly string[]): RowWriter => {
  const keys = columns.map((column) => `${JSON.stringify(column)}:`);
  return {
    contentType: 'application/x-ndjson; charset=utf-8',
    header: '',
    row: (cells) => `{${cells.map((cell, index) => `${keys[index]}${JSON.stringify(cell)}`).join(',')}}\n`,
  };
};

export const rowWriter = (format: ExportFormat, columns: readonly string[]): RowWriter =>
  format === 'csv' ? csv(columns) : ndjson(columns);
