import { useMemo } from 'react';
import { useLocation } from 'react-router';
import { DataTable } from '../../components/data-table.tsx';
import { PlotTable } from '../../components/plot/plot-table.tsx';
import { Empty, Failed, PartlyFailed, Skeleton } from '../../components/states.tsx';
import type { Sort } from '../../components/table-rules.ts';
import { pointsOf } from './availability-rules.ts';
import { TimeLegend } from './bars.tsx';
import { availabilityColumns, type Row } from './columns.tsx';
import { monthsOf } from './month-rules.ts';
import { rowLink } from './row-link.ts';
import { texts } from './texts.ts';
import { useDeviceNames, useStrips, useTotals } from './use-availability.ts';
import { fittingStep, SYSTEMS, type View } from './view-rules.ts';

/** So many months stand in figures, a year and the one under way; more of them are a strip. */
const MOST_MONTHS = 13;
/** A table with a column for each group is of use up to so many. */
const MOST_COLUMNS = 40;

type Props = {
  view: View;
  site: string | null;
  from: Date;
  to: Date;
  isLive: boolean;
  zone: string;
  onSort: (sort: Sort) => void;
};

/** How available each group was, where its time went, and how it was step by step. */
export function AvailabilityTable(props: Props) {
  const { view, from, to, zone, onSort } = props;
  const { asked, totals, isLoading, faults, again } = useTotals(props);
  const { search } = useLocation();
  const step = view.step ?? fittingStep(from, to);
  const groups = useMemo(() => (totals ?? []).map(({ group }) => group), [totals]);
  const strips = useStrips(asked, groups, step, zone);
  const names = useDeviceNames(view.by === 'DEVICE' ? groups : NO_GROUPS);
  const columns = useMemo(() => {
    const range = { from: asked.from, to: asked.to, zone, counting: asked.counting };
    const months = step === 'MONTH' ? monthsOf(new Date(asked.from), new Date(asked.to), zone, texts.months) : [];
    // Months before anything was there say nothing.
    const since = Math.min(...[...strips.byGroup.values()].flatMap(([first]) => Date.parse(first?.to ?? '') || []));
    const told = months.filter(({ to: end }) => !Number.isFinite(since) || end.getTime() >= since);
    const inFigures = told.length > 0 && told.length <= MOST_MONTHS ? told : null;
    return availabilityColumns(view, texts.stepOf[step], range, inFigures);
  }, [view, step, zone, asked, strips.byGroup]);
  const rows = useMemo(
    () =>
      (totals ?? []).map((total): Row => {
        const device = view.by === 'DEVICE' ? names.get(total.group) : undefined;
        return {
          ...total,
          name: device?.name ?? systemName(total.group) ?? total.group,
          isRemoved: device?.isRemoved ?? false,
          to: rowLink(view.by, total.group, search),
          steps: strips.byGroup.get(total.group) ?? null,
        };
      }),
    [totals, strips.byGroup, names, view.by, search],
  );
  if (totals === null) return faults.length > 0 ? <Failed faults={faults} onAgain={again} /> : <Skeleton lines={6} />;
  if (totals.length === 0 && !isLoading) return <Empty title={texts.none.title}>{texts.none.text}</Empty>;
  const isPartial = strips.done < groups.length && strips.faults.length === 0 && !strips.isTooMany;
  return (
    <>
      <PartlyFailed faults={[...faults, ...strips.faults]} />
      {strips.isTooMany && <p className="quiet">{texts.tooManySteps}</p>}
      {isPartial && (
        <p className="quiet" role="status">
          {texts.loadingSteps(strips.done, groups.length)}
        </p>
      )}
      <TimeLegend />
      <div className="availability-table" aria-busy={isLoading}>
        <DataTable
          label={texts.table}
          columns={columns}
          rows={rows}
          keyOf={({ group }) => group}
          nameOf={({ name }) => name}
          sort={view.sort}
          onSort={onSort}
        />
      </div>
      {rows.length > MOST_COLUMNS ? (
        <p className="quiet">{texts.tooManyColumns(MOST_COLUMNS)}</p>
      ) : (
        <PlotTable
          zone={zone}
          series={rows.map(({ name, steps }) => ({ label: name, unit: '%', points: pointsOf(steps ?? []) }))}
        />
      )}
    </>
  );
}

const NO_GROUPS: readonly string[] = [];

const systemName = (group: string): string | null => {
  const system = SYSTEMS.find((each) => each === group);
  return system === undefined ? null : texts.systems[system];
};
