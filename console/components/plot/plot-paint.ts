import type uPlot from 'uplot';
import { readColour } from '../../design/read-colour.ts';
import { statusToken } from '../status-rules.ts';
import type { PlotSpan, PlotTick } from './plot-rules.ts';

/** The tokens that plots are drawn in, as the theme has them now. */
export type PlotColours = ReturnType<typeof readPlotColours>;

export function readPlotColours() {
  const span = (kind: PlotSpan['kind']) => ({
    ground: readColour(`${statusToken(kind)}-quiet`),
    edge: readColour(statusToken(kind)),
  });
  const tick = (kind: PlotTick['kind']) => readColour(kind === 'OTHER' ? '--status-maintenance' : statusToken(kind));
  return {
    line: readColour('--accent'),
    band: readColour('--accent-quiet'),
    grid: readColour('--line'),
    text: readColour('--text-quiet'),
    font: getComputedStyle(document.body).fontFamily,
    spans: {
      OFFLINE: span('OFFLINE'),
      DEGRADED: span('DEGRADED'),
      UNKNOWN: span('UNKNOWN'),
      MAINTENANCE: span('MAINTENANCE'),
    },
    ticks: {
      ONLINE: tick('ONLINE'),
      DEGRADED: tick('DEGRADED'),
      OFFLINE: tick('OFFLINE'),
      UNKNOWN: tick('UNKNOWN'),
      OTHER: tick('OTHER'),
    },
  };
}

const HATCH_PX = 7;

/** Lines across a rectangle, for what is not known: told from an outage without any colour. */
function hatch(ctx: CanvasRenderingContext2D, { x, y, width, height }: DOMRect, ratio: number): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(x, y, width, height);
  ctx.clip();
  ctx.globalAlpha = 0.35;
  ctx.lineWidth = ratio;
  ctx.beginPath();
  for (let at = x - height; at < x + width; at += HATCH_PX * ratio) {
    ctx.moveTo(at, y + height);
    ctx.lineTo(at + height, y);
  }
  ctx.stroke();
  ctx.restore();
}

/** Shades times, behind the lines: a ground and, at the bottom, an edge that is as dark as the status itself. */
export function paintSpans(plot: uPlot, spans: readonly PlotSpan[], colours: PlotColours): void {
  const { ctx, bbox } = plot;
  const pxRatio = devicePixelRatio;
  for (const { fromMs, toMs, kind } of spans) {
    const start = Math.max(plot.valToPos(fromMs, 'x', true), bbox.left);
    // An outage of seconds in a month is still seen.
    const width = Math.max(Math.min(plot.valToPos(toMs, 'x', true), bbox.left + bbox.width) - start, pxRatio);
    if (start > bbox.left + bbox.width || start + width < bbox.left) continue;
    const area = new DOMRect(start, bbox.top, width, bbox.height);
    ctx.fillStyle = colours.spans[kind].ground;
    ctx.fillRect(area.x, area.y, area.width, area.height);
    ctx.strokeStyle = colours.spans[kind].edge;
    if (kind === 'UNKNOWN') hatch(ctx, area, pxRatio);
    ctx.fillStyle = colours.spans[kind].edge;
    ctx.fillRect(area.x, area.y + area.height - 2 * pxRatio, area.width, 2 * pxRatio);
  }
}

const TICK_PX = 5;

/** The shape of a status in a tick's size: the same as everywhere (components/status-mark.tsx). */
function tickPath(kind: PlotTick['kind'], x: number, y: number, size: number): Path2D {
  const path = new Path2D();
  if (kind === 'OFFLINE') path.rect(x - size * 0.8, y - size * 0.8, size * 1.6, size * 1.6);
  else if (kind === 'DEGRADED') {
    path.moveTo(x, y - size);
    path.lineTo(x + size, y + size * 0.8);
    path.lineTo(x - size, y + size * 0.8);
    path.closePath();
  } else if (kind === 'OTHER') {
    path.moveTo(x, y - size);
    path.lineTo(x + size, y);
    path.lineTo(x, y + size);
    path.lineTo(x - size, y);
    path.closePath();
  } else path.arc(x, y, size * 0.75, 0, 2 * Math.PI);
  return path;
}

/** What happened, at the top of the plot: a shape, the worse above the better, and a stem for what no shade shows. */
export function paintTicks(plot: uPlot, ticks: readonly PlotTick[], colours: PlotColours): void {
  const { ctx, bbox } = plot;
  const pxRatio = devicePixelRatio;
  const paint = ({ atMs, kind }: PlotTick): void => {
    const x = plot.valToPos(atMs, 'x', true);
    if (x < bbox.left || x > bbox.left + bbox.width) return;
    ctx.lineWidth = pxRatio;
    ctx.strokeStyle = colours.ticks[kind];
    ctx.fillStyle = colours.ticks[kind];
    if (kind === 'OTHER') {
      ctx.globalAlpha = 0.5;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      ctx.globalAlpha = 1;
    }
    const path = tickPath(kind, x, bbox.top - (TICK_PX + 1) * pxRatio, TICK_PX * pxRatio);
    if (kind === 'UNKNOWN') ctx.stroke(path);
    else ctx.fill(path);
  };
  ctx.save();
  for (const kind of ['ONLINE', 'UNKNOWN', 'DEGRADED', 'OFFLINE', 'OTHER'] as const)
    for (const tick of ticks) if (tick.kind === kind) paint(tick);
  ctx.restore();
}
