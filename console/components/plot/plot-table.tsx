import { Copy } from 'lucide-react';
import { useState } from 'react';
import { exactTime } from '../../data/time.ts';
import { Button } from '../button.tsx';
import { PlainTable } from '../plain-table.tsx';
import { texts } from '../texts.ts';
import { say } from '../toast.tsx';
import type { PlotPoint } from './plot-rules.ts';
import { plotNumber } from './plot-rules.ts';
import { type PlotTableRow, tableRows, tableText } from './plot-table-rules.ts';

export type PlottedSeries = { label: string; unit: string | null; points: readonly PlotPoint[] };

const own = texts.plot;

/** The values of plots as a table, for who can't see them and for who wants to have them: closed at first, and copied by one button. */
export function PlotTable({ series, zone }: { series: readonly PlottedSeries[]; zone: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="plot-table" open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{own.asTable}</summary>
      {isOpen && <Table series={series} zone={zone} />}
    </details>
  );
}

function Table({ series, zone }: { series: readonly PlottedSeries[]; zone: string }) {
  const rows = tableRows(series.map(({ points }) => points));
  const heads = series.map(({ label, unit }) => own.title(label, unit));
  const copy = (): void => {
    navigator.clipboard.writeText(tableText(own.time(zone), heads, rows)).then(
      () => say('done', own.copied(rows.length)),
      (err: unknown) => say('failed', own.notCopied(err instanceof Error ? err.message : String(err))),
    );
  };
  return (
    <>
      <Button icon={<Copy aria-hidden="true" />} onPress={copy}>
        {own.copy}
      </Button>
      <PlainTable className="plot-table-scroll" label={own.values}>
        <thead>
          <tr>
            <th scope="col">{own.time(zone)}</th>
            {heads.map((head) => (
              <th key={head} scope="col" data-kind="number">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.fromMs} row={row} zone={zone} />
          ))}
        </tbody>
      </PlainTable>
    </>
  );
}

const Row = ({ row: { fromMs, values }, zone }: { row: PlotTableRow; zone: string }) => (
  <tr>
    <th scope="row">
      <time dateTime={new Date(fromMs).toISOString()}>{exactTime(new Date(fromMs), zone)}</time>
    </th>
    {values.map((value, at) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its column
      <td key={at} data-kind="number">
        {value === null ? <span className="quiet">{own.noValue}</span> : plotNumber(value)}
      </td>
    ))}
  </tr>
);
