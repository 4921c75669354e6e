import { Link } from 'react-router';
import type { Column } from '../../components/data-table.tsx';
import { hoursText, percentText, type StepTime, type Total } from './availability-rules.ts';
import { Strip, TimeBar } from './bars.tsx';
import { texts } from './texts.ts';
import type { View } from './view-rules.ts';

export type Row = Total & { name: string; isRemoved: boolean; to: string; steps: readonly StepTime[] | null };

const own = texts.columns;
const HOURS = ['offline', 'degraded', 'unknown', 'blind'] as const;

/** The columns of the table; each group leads to what is in it. */
export const availabilityColumns = (view: View, stepTitle: string, zone: string): Column<Row>[] => [
  {
    id: 'group',
    title: own.group[view.by],
    width: '160px',
    sortValue: ({ name }) => name,
    cell: ({ name, to, isRemoved }) => (
      <>
        <Link to={to} title={name}>
          {name}
        </Link>
        {isRemoved && <span className="quiet"> {texts.removed}</span>}
      </>
    ),
  },
  {
    id: 'available',
    title: own.available,
    kind: 'number',
    width: '120px',
    sortValue: ({ onlineRatio }) => onlineRatio,
    cell: ({ onlineRatio }) =>
      onlineRatio === null ? <span className="quiet">{texts.notCounted}</span> : percentText(onlineRatio),
  },
  { id: 'how', title: own.how, width: '140px', isWideOnly: true, cell: (row) => <TimeBar of={row} /> },
  {
    id: 'strip',
    title: stepTitle,
    width: '240px',
    isWideOnly: true,
    cell: ({ steps }) => (steps === null ? null : <Strip steps={steps} zone={zone} />),
  },
  ...HOURS.map(
    (kind): Column<Row> => ({
      id: kind,
      title: own[kind],
      kind: 'number',
      width: '100px',
      isWideOnly: true,
      sortValue: (row) => row[`${kind}Seconds`],
      cell: (row) => hoursText(row[`${kind}Seconds`]),
    }),
  ),
  {
    id: 'devices',
    title: own.devices,
    kind: 'number',
    width: '80px',
    isWideOnly: true,
    sortValue: ({ devices }) => devices,
    cell: ({ devices }) => devices.toLocaleString('en'),
  },
];
