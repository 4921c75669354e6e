import { Link } from 'react-router';
import type { Column } from '../../components/data-table.tsx';
import { dateIn } from '../../data/zone-rules.ts';
import { hoursText, percentText, type StepTime, type Total } from './availability-rules.ts';
import { Strip, type StripRange, TimeBar } from './bars.tsx';
import type { Month } from './month-rules.ts';
import { texts } from './texts.ts';
import type { View } from './view-rules.ts';

export type Row = Total & { name: string; isRemoved: boolean; to: string; steps: readonly StepTime[] | null };

const own = texts.columns;
const HOURS = ['offline', 'degraded', 'unknown', 'blind'] as const;
/** Beside so many there is room for all other columns. */
const FEW_MONTHS = 3;

/** A month of a group in figures. */
const monthColumn = ({ key, title, note }: Month, zone: string): Column<Row> => {
  const ratioOf = ({ steps }: Row): number | null =>
    steps?.find(({ from }) => dateIn(new Date(from), zone).startsWith(key))?.onlineRatio ?? null;
  return {
    id: `month-${key}`,
    title: own.month(title, note),
    kind: 'number',
    width: note === null ? '100px' : '180px',
    isWideOnly: true,
    cell: (row) => {
      const ratio = ratioOf(row);
      return ratio === null ? <span className="quiet">{texts.noMonth}</span> : percentText(ratio);
    },
  };
};

/** The columns of the table; each group leads to what is in it. `months`: what stands in figures in the place of the strip. */
export const availabilityColumns = (
  view: View,
  stepTitle: string,
  range: StripRange,
  months: readonly Month[] | null,
): Column<Row>[] => [
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
  ...(months?.map((month) => monthColumn(month, range.zone)) ?? [
    {
      id: 'strip',
      title: stepTitle,
      width: '240px',
      isWideOnly: true,
      cell: ({ steps }: Row) => (steps === null ? null : <Strip steps={steps} range={range} />),
    },
  ]),
  ...HOURS.filter((kind) => kind === 'offline' || months === null || months.length <= FEW_MONTHS).map(
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
