import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { type PlotColours, paintSpans, paintTicks } from './plot-paint.ts';
import {
  alone,
  joined,
  type PlotShape,
  type PlotSpan,
  type PlotTick,
  plotNumber,
  rangeOf,
  type Stretch,
} from './plot-rules.ts';

/** What a plot shows; it is read anew at each drawing, so that new data needs no new plot. */
export type PlotContent = {
  fromMs: number;
  toMs: number;
  spans: readonly PlotSpan[];
  ticks: readonly PlotTick[];
  /** The ends of the axis of values where they are known beforehand. */
  bounds: readonly [number, number] | null;
};

export type PlotOptions = {
  shape: PlotShape;
  zone: string;
  /** Plots of the same group have one cursor. */
  group: string;
  colours: PlotColours;
  content: () => PlotContent;
  onCursor: (index: number | null, leftPx: number) => void;
  onDrag: (startMs: number, endMs: number, widthPx: number) => void;
  onZoomOut: () => void;
};

export const PLOT_HEIGHT_PX = 168;
/** Room for the shapes of the ticks. */
const TOP_PX = 14;
/** Room for half of the last time on the axis. */
const RIGHT_PX = 20;
const DAY_MS = 86_400_000;

/** The marks of the axis of time: the time of day, and the date at midnight and where marks are days apart. */
function timeMarks(zone: string): (splits: readonly number[], stepMs: number) => string[] {
  const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: zone });
  const date = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: zone });
  const month = new Intl.DateTimeFormat('en-GB', { month: 'short', year: 'numeric', timeZone: zone });
  return (splits, stepMs) =>
    splits.map((at) => {
      if (stepMs >= 28 * DAY_MS) return month.format(at);
      const clock = time.format(at);
      return stepMs >= DAY_MS || clock === '00:00' ? date.format(at) : clock;
    });
}

/** Where no line may go, in pixels: an outage between two samples is no reason to draw one across it. */
const gapsIn = (plot: uPlot, spans: readonly PlotSpan[], nulls: readonly Stretch[]): [number, number][] => {
  const dark = spans
    .filter(({ kind }) => kind === 'OFFLINE' || kind === 'UNKNOWN')
    .map(({ fromMs, toMs }): Stretch => [plot.valToPos(fromMs, 'x', true), plot.valToPos(toMs, 'x', true)]);
  return joined([...nulls, ...dark]).map(([from, to]) => [from, to]);
};

/** Draws a plot into an element; its data and size are set by who made it. */
export function createPlot(element: HTMLElement, widthPx: number, options: PlotOptions): uPlot {
  const { shape, zone, group, colours, content } = options;
  const marks = timeMarks(zone);
  const font = `12px ${colours.font}`;
  const axis = { stroke: colours.text, font, ticks: { show: false } };
  const hidden: uPlot.Series = { points: { show: false }, width: 0, stroke: 'transparent' };
  const line: uPlot.Series = {
    stroke: colours.line,
    width: 1.5,
    points: { show: true, size: 4, fill: colours.line, filter: (plot, index) => alone([...(plot.data[index] ?? [])]) },
    gaps: shape.isStepped
      ? (_plot, _index, _from, _to, nulls) => nulls
      : (plot, _index, _from, _to, nulls) => gapsIn(plot, content().spans, nulls),
    ...(shape.isStepped && uPlot.paths.stepped !== undefined && { paths: uPlot.paths.stepped({ align: 1 }) }),
  };
  return new uPlot(
    {
      ...{ width: widthPx, height: PLOT_HEIGHT_PX, ms: 1, legend: { show: false } },
      padding: [TOP_PX, RIGHT_PX, 0, 0],
      tzDate: (ms) => uPlot.tzDate(new Date(ms), zone),
      cursor: {
        ...{ y: false, sync: { key: group }, points: { size: 7, fill: colours.line } },
        drag: { x: true, y: false, setScale: false },
        bind: {
          dblclick: () => () => {
            options.onZoomOut();
            return null;
          },
        },
      },
      scales: {
        x: { time: true, range: () => [content().fromMs, content().toMs] },
        y: { range: (_plot, min, max) => [...(content().bounds ?? rangeOf(min, max))] },
      },
      axes: [
        {
          ...axis,
          ...{ size: 22, gap: 6, space: 72, grid: { show: false } },
          values: (_plot, splits, _at, _space, stepMs) => marks(splits, stepMs),
        },
        {
          ...axis,
          ...{ size: 52, gap: 6, space: 30, grid: { stroke: colours.grid, width: 1 } },
          values: (_plot, splits) => splits.map(plotNumber),
        },
      ],
      // What comes later is drawn above: the line above its band.
      series: [{}, hidden, hidden, line],
      bands: shape.isWhole && !shape.isStepped ? [{ series: [1, 2], fill: colours.band }] : [],
      hooks: {
        drawClear: [(plot) => paintSpans(plot, content().spans, colours)],
        draw: [(plot) => paintTicks(plot, content().ticks, colours)],
        setCursor: [({ cursor: { idx, left = -1 } }) => options.onCursor(left < 0 ? null : (idx ?? null), left)],
        setSelect: [
          (plot) => {
            const { left, width } = plot.select;
            if (width === 0) return;
            plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            options.onDrag(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x'), width);
          },
        ],
      },
    },
    [[], [], [], []],
    element,
  );
}
