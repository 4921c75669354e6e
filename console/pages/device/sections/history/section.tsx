import { useMemo } from 'react';
import { Plot } from '../../../../components/plot/plot.tsx';
import { PlotLegend } from '../../../../components/plot/plot-legend.tsx';
import { PlotTable } from '../../../../components/plot/plot-table.tsx';
import { usePlotZoom } from '../../../../components/plot/use-plot-zoom.ts';
import { Empty, Failed, PartlyFailed, Skeleton } from '../../../../components/states.tsx';
import { texts as shared } from '../../../../components/texts.ts';
import type { Step } from '../../../../components/time-range-rules.ts';
import { useTimeRange } from '../../../../components/use-time-range.ts';
import { clockTime, exactTime } from '../../../../data/time.ts';
import type { SectionProps } from '../../sections.ts';
import { ExportLinks } from './export-links.tsx';
import './history.css';
import { availabilityOf, seriesOf, spansOf, ticksOf } from './history-rules.ts';
import { texts } from './texts.ts';
import { type DeviceHistory, useHistory } from './use-history.ts';

const DAY_MS = 86_400_000;
const MOST_CHANGES = 1_000;

export function Section({ device, zone }: SectionProps) {
  const range = useTimeRange();
  const { history, step, faults, isLoading, again } = useHistory(device.id, range);
  if (history === null) return faults.length > 0 ? <Failed faults={faults} onAgain={again} /> : <Skeleton lines={6} />;
  return (
    <div className="device-history" aria-busy={isLoading}>
      <div className="device-history-head">
        <p className="quiet">{texts.shown(texts.steps[step], zone)}</p>
        <ExportLinks device={device.id} from={range.from} to={range.to} step={step} />
      </div>
      <PartlyFailed faults={faults} />
      <Plots history={history} step={step} zone={zone} />
    </div>
  );
}

function Plots({ history, step, zone }: { history: DeviceHistory; step: Step; zone: string }) {
  const { from, to } = useTimeRange();
  const zoom = usePlotZoom();
  const { history: points, changes, before } = history;
  const isLong = to.getTime() - from.getTime() > DAY_MS;
  const series = useMemo(() => seriesOf(points ?? []), [points]);
  const availability = useMemo(() => availabilityOf(points ?? []), [points]);
  const shades = useMemo(() => {
    const nodes = changes?.nodes ?? [];
    // What lies ahead is not shaded, whatever holds at the moment.
    const toMs = Math.min(to.getTime(), Date.now());
    const isCut = changes?.pageInfo.hasNextPage === true;
    const end = isCut ? Date.parse(nodes.at(-1)?.at ?? '') : toMs;
    return {
      spans: spansOf(before?.status ?? null, nodes, { fromMs: from.getTime(), toMs: end }),
      ticks: ticksOf(nodes, {
        timeOf: (at) => (isLong ? exactTime(at, zone) : clockTime(at, zone)),
        statuses: shared.status,
      }),
    };
  }, [changes, before, from, to, zone, isLong]);
  const isEmpty = series.length === 0 && availability.every(({ value }) => value === null);
  if (isEmpty) return <Empty title={texts.none.title}>{texts.none.text}</Empty>;
  const common = { from, to, zone, group: 'device', ...shades, ...zoom };
  const plotted = [{ label: texts.availability, unit: '%', points: availability }, ...series];
  return (
    <>
      <PlotLegend hasBands={step !== 'HOUR'} />
      {changes?.pageInfo.hasNextPage === true && <p className="quiet">{texts.manyChanges(MOST_CHANGES)}</p>}
      <div className="plots">
        <Plot {...common} label={texts.availability} unit="%" points={availability} isStepped bounds={FULL} />
        {series.map(({ name, label, unit, points: own }) => (
          <Plot key={name} {...common} label={label} unit={unit} points={own} isWhole={step !== 'HOUR'} />
        ))}
      </div>
      <PlotTable series={plotted} zone={zone} />
    </>
  );
}

/** With room above, so that a line at the top is seen. */
const FULL = [0, 105] as const;
