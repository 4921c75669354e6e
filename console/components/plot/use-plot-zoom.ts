import { useRef } from 'react';
import { useTimeRange } from '../use-time-range.ts';
import { widened, type ZoomStep } from './zoom-rules.ts';

/**
 * What plots do with a zoom: it becomes the range of the page. Back is what was shown before it, step by step; where nothing was, such as at
 * an address that somebody sent, twice as much is shown.
 */
export function usePlotZoom(): { onZoom: (from: Date, to: Date) => void; onZoomOut: () => void } {
  const range = useTimeRange();
  const steps = useRef<ZoomStep[]>([]);
  return {
    onZoom: (from, to) => {
      steps.current.push(range.preset === null ? { from: range.from, to: range.to } : { preset: range.preset });
      range.show(from, to);
    },
    onZoomOut: () => {
      const step = steps.current.pop() ?? widened(range, Date.now());
      if (step === null) return;
      if ('preset' in step) range.follow(step.preset);
      else range.show(step.from, step.to);
    },
  };
}
