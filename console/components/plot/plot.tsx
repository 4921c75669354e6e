import { useEffect, useEffectEvent, useMemo, useRef, useState } from 'react';
import type uPlot from 'uplot';
import { exactTime } from '../../data/time.ts';
import { texts } from '../texts.ts';
import { createPlot, PLOT_HEIGHT_PX, type PlotContent } from './create-plot.ts';
import './plot.css';
import {
  columnsOf,
  draggedRange,
  nearest,
  type PlotPoint,
  type PlotSpan,
  type PlotSummary,
  type PlotTick,
  plotNumber,
  summaryOf,
} from './plot-rules.ts';
import { usePlotColours } from './use-plot-colours.ts';
import { usePlotKeys } from './use-plot-keys.ts';

const own = texts.plot;
/** Nothing in the graph is kept more closely. */
const LEAST_MS = 60_000;

export type PlotProps = {
  /** What is plotted; the unit stands behind it once. */
  label: string;
  unit: string | null;
  points: readonly PlotPoint[];
  from: Date;
  to: Date;
  /** In which times are said. */
  zone: string;
  /** Plots of the same group have one cursor. */
  group: string;
  spans?: readonly PlotSpan[];
  ticks?: readonly PlotTick[];
  /** Whether a value holds for its step, up to the next: a share of the time. @default false */
  isStepped?: boolean;
  /** Whether a step is longer than what is measured in it, so that it has a smallest and a largest value. @default false */
  isWhole?: boolean;
  bounds?: readonly [number, number] | null;
  /** What was dragged over. */
  onZoom: (from: Date, to: Date) => void;
  /** Back to what was shown before. */
  onZoomOut: () => void;
};

/**
 * A series over time, as all plots of the console look: a thin line with gaps where there is no data, shaded times, ticks for what happened.
 * For the keyboard and for screen readers it is a slider over its points; its values as a table are `PlotTable`.
 */
export function Plot(props: PlotProps) {
  const { label, unit, points, from, to, zone, group, spans = [], ticks = [], bounds = null } = props;
  const { isStepped = false, isWhole = false, onZoom, onZoomOut } = props;
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [cursor, setCursor] = useState<{ index: number | null; leftPx: number }>({ index: null, leftPx: -1 });
  // Only where somebody is: the cursors of the other plots of a group go along, and would say the same.
  const [isHere, setHere] = useState(false);
  const colours = usePlotColours();
  const columns = useMemo(() => columnsOf(points, { isStepped, isWhole }), [points, isStepped, isWhole]);
  const content: PlotContent = { fromMs: from.getTime(), toMs: to.getTime(), spans, ticks, bounds };
  const latest = useRef(content);

  const drag = useEffectEvent((startMs: number, endMs: number, widthPx: number) => {
    const range = draggedRange(startMs, endMs, { widthPx, leastMs: LEAST_MS });
    if (range !== null) onZoom(range.from, range.to);
  });
  const zoomOut = useEffectEvent(() => onZoomOut());

  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const made = createPlot(element, element.clientWidth, {
      ...{ shape: { isStepped, isWhole }, zone, group, colours, content: () => latest.current },
      onCursor: (index, leftPx) =>
        setCursor((before) => (before.index === index && before.leftPx === leftPx ? before : { index, leftPx })),
      onDrag: (startMs, endMs, widthPx) => drag(startMs, endMs, widthPx),
      onZoomOut: () => zoomOut(),
    });
    plot.current = made;
    const sizes = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: PLOT_HEIGHT_PX }));
    sizes.observe(element);
    return () => {
      sizes.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [isStepped, isWhole, zone, group, colours]);

  const draw = useEffectEvent(() => {
    latest.current = content;
    plot.current?.setData(columns);
  });
  // A plot that was made anew has no data yet, whatever it was made anew for.
  // biome-ignore lint/correctness/useExhaustiveDependencies: all that is drawn, and what a plot is made for
  useEffect(() => draw(), [columns, from, to, spans, ticks, bounds, isStepped, isWhole, zone, group, colours]);

  const shown = cursor.index;
  const onKeyDown = usePlotKeys({ plot, times: columns[0], shown, onRange: drag, onZoomOut });
  const said = (index: number): string => {
    const [at, value] = [columns[0][index], columns[3][index] ?? null];
    if (at === undefined) return '';
    return own.valueAt(exactTime(new Date(at), zone), value === null ? own.noData : withUnit(value, unit));
  };
  const read = shown !== null ? said(shown) : summaryText(summaryOf(points));
  const last = Math.max(columns[0].length - 1, 0);
  const near =
    cursor.leftPx < 0 || !isHere
      ? []
      : nearest(ticks, ({ atMs }) => plot.current?.valToPos(atMs, 'x') ?? -100, cursor.leftPx);
  const title = own.title(label, unit);
  return (
    <figure className="plot">
      <figcaption>
        <span className="plot-label">{title}</span>
        <span className="plot-read number">{read}</span>
      </figcaption>
      <div
        className="plot-frame"
        ref={frame}
        role="slider"
        tabIndex={0}
        aria-label={title}
        aria-roledescription={own.role}
        aria-describedby="plot-keys"
        aria-orientation="horizontal"
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={shown ?? last}
        aria-valuetext={[read, ...near.map(({ text }) => text)].join('; ')}
        onPointerEnter={() => setHere(true)}
        onPointerLeave={() => setHere(false)}
        onFocus={() => setHere(true)}
        onBlur={() => setHere(false)}
        onKeyDown={onKeyDown}
      />
      {near.length > 0 && (
        <p className="plot-near" aria-hidden="true">
          {near.slice(0, 3).map(({ text, atMs }) => (
            <span key={`${atMs} ${text}`}>{text}</span>
          ))}
          {near.length > 3 && <span>{own.more(near.length - 3)}</span>}
        </p>
      )}
    </figure>
  );
}

const withUnit = (value: number, unit: string | null): string =>
  unit === null ? plotNumber(value) : `${plotNumber(value)} ${unit}`;

function summaryText(summary: PlotSummary | null): string {
  if (summary === null) return own.noData;
  const { min, max, last } = summary;
  return min === max ? own.always(plotNumber(last)) : own.summary(plotNumber(min), plotNumber(max), plotNumber(last));
}
