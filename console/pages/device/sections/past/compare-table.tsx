import { useState } from 'react';
import { PlainTable } from '../../../../components/plain-table.tsx';
import { StatusMark } from '../../../../components/status-mark.tsx';
import { isStatus } from '../../../../components/status-rules.ts';
import { nameForPeople } from '../../../../data/names.ts';
import { clockTime, exactTime } from '../../../../data/time.ts';
import type { PastRow } from './past-rules.ts';
import { texts } from './texts.ts';

const NAMES: Readonly<Record<string, string>> = {
  status: texts.rows.status,
  statusSince: texts.rows.since,
  statusReason: texts.rows.reason,
  name: texts.rows.name,
  site: texts.rows.site,
};
const GROUPS = ['state', 'settings', 'metrics'] as const;

type Props = {
  rows: readonly PastRow[];
  /** Whether the device was in the registry at the two times. */
  isThere: { past: boolean; other: boolean };
  /** The two times, for people. */
  heads: { past: string; other: string };
  zone: string;
};

/** A device at two times, side by side; what changed is marked, and can be shown alone. */
export function CompareTable({ rows, isThere, heads, zone }: Props) {
  const [onlyChanged, setOnlyChanged] = useState(false);
  const changed = rows.filter(({ isChanged }) => isChanged);
  const shown = onlyChanged ? changed : rows;
  return (
    <>
      <label className="past-filter">
        <input type="checkbox" checked={onlyChanged} onChange={({ target }) => setOnlyChanged(target.checked)} />
        {texts.onlyChanged(changed.length)}
      </label>
      <PlainTable className="past-table" label={texts.table}>
        <thead>
          <tr>
            <th scope="col">{texts.columns.what}</th>
            <th scope="col">{texts.columns.past(heads.past)}</th>
            <th scope="col">{texts.columns.other(heads.other)}</th>
            <th scope="col">{texts.columns.mark}</th>
          </tr>
        </thead>
        {GROUPS.map((group) => {
          const own = shown.filter((row) => row.group === group);
          if (own.length === 0) return null;
          return (
            <tbody key={group}>
              <tr className="past-group">
                <th colSpan={4} scope="rowgroup">
                  {texts.groups[group]}
                </th>
              </tr>
              {own.map((row) => (
                <tr key={row.name} data-changed={row.isChanged || undefined}>
                  <th scope="row">
                    {(row.group === 'state' ? NAMES[row.name] : undefined) ?? nameForPeople(row.name, row.unit)}
                  </th>
                  <td>
                    <Cell row={row} value={row.past} at={row.pastAt} isThere={isThere.past} zone={zone} />
                  </td>
                  <td>
                    <Cell row={row} value={row.other} at={row.otherAt} isThere={isThere.other} zone={zone} />
                  </td>
                  <td>{row.isChanged ? texts.changed : ''}</td>
                </tr>
              ))}
            </tbody>
          );
        })}
      </PlainTable>
    </>
  );
}

function Cell(props: { row: PastRow; value: string | null; at: string | null; isThere: boolean; zone: string }) {
  const { row, value, at, isThere, zone } = props;
  if (!isThere) return <span className="quiet">{texts.notThere}</span>;
  if (value === null) return <span className="quiet">{texts.notKnown}</span>;
  if (row.name === 'status' && isStatus(value)) return <StatusMark status={value} />;
  if (row.name === 'statusSince') return <span className="number">{exactTime(value, zone)}</span>;
  return (
    <>
      <span className="number">{row.unit === null ? value : `${value} ${row.unit}`}</span>
      {at !== null && (
        <span className="quiet past-sampled" title={exactTime(at, zone)}>
          {texts.sampled(clockTime(at, zone))}
        </span>
      )}
    </>
  );
}
