import { type KeyboardEvent, type RefObject, useRef } from 'react';
import uPlot from 'uplot';

/** What a page of the keyboard goes over. */
const PAGE_POINTS = 10;
const NONE = { left: 0, top: 0, width: 0, height: 0 };

/**
 * A plot by keyboard: arrows, pages, Home and End move its cursor, with Shift they mark, Enter shows what is marked, Escape forgets it,
 * Backspace goes back.
 *
 * @param times of the points
 * @param shown the point at the cursor; null: it is not in the plot
 */
export function usePlotKeys(options: {
  plot: RefObject<uPlot | null>;
  times: readonly number[];
  shown: number | null;
  onRange: (startMs: number, endMs: number, widthPx: number) => void;
  onZoomOut: () => void;
}): (event: KeyboardEvent) => void {
  const { plot, times, shown, onRange, onZoomOut } = options;
  const anchor = useRef<number | null>(null);

  /** Marks from the anchor to a point; nothing without one. Returns how wide that is. */
  const mark = (index: number | null): number => {
    const made = plot.current;
    const [start, end] = [times[anchor.current ?? -1], times[index ?? -1]];
    if (made === null) return 0;
    if (start === undefined || end === undefined) {
      made.setSelect(NONE, false);
      return 0;
    }
    const [one, other] = [made.valToPos(start, 'x'), made.valToPos(end, 'x')];
    const width = Math.abs(one - other);
    made.setSelect({ left: Math.min(one, other), top: 0, width, height: made.over.clientHeight }, false);
    return width;
  };
  const forget = (): void => {
    anchor.current = null;
    mark(null);
  };
  const go = (wanted: number, isMarking: boolean): void => {
    const made = plot.current;
    const index = Math.min(Math.max(wanted, 0), times.length - 1);
    const at = times[index];
    if (made === null || at === undefined) return;
    if (isMarking) anchor.current ??= shown ?? index;
    else anchor.current = null;
    const { clientWidth, clientHeight } = made.over;
    const [left, top] = [made.valToPos(at, 'x'), clientHeight / 2];
    made.setCursor({ left, top });
    // The cursor of the other plots goes along, as it does with the mouse.
    const group = made.cursor.sync?.key;
    if (group) uPlot.sync(group).pub('mousemove', made, left, top, clientWidth, clientHeight, index);
    mark(index);
  };
  const showMarked = (): void => {
    const [start, end] = [times[anchor.current ?? -1], times[shown ?? -1]];
    const width = mark(shown);
    forget();
    if (start !== undefined && end !== undefined) onRange(start, end, width);
  };

  // Without a cursor, one comes in from the side that it is called from.
  const [before, behind] = [shown ?? times.length, shown ?? -1];
  const targets: Readonly<Record<string, number>> = {
    ArrowLeft: before - 1,
    ArrowRight: behind + 1,
    PageUp: before - PAGE_POINTS,
    PageDown: behind + PAGE_POINTS,
    Home: 0,
    End: times.length - 1,
  };
  return (event) => {
    const target = targets[event.key];
    if (target !== undefined) go(target, event.shiftKey);
    else if (event.key === 'Enter' && anchor.current !== null) showMarked();
    else if (event.key === 'Escape' && anchor.current !== null) forget();
    else if (event.key === 'Backspace') onZoomOut();
    else return;
    event.preventDefault();
  };
}
