import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { Slider, SliderThumb, SliderTrack } from 'react-aria-components';
import { afterKey, type Limits, partOf, withinLimits } from './control-rules.ts';
import { texts } from './texts.ts';

/** A key that is held sends once, when it is let go for so long; a pointer sends as it is released. */
const KEYS_QUIET_MS = 350;

/**
 * A fader in dB within its control's limits. What it is moved to is given to `onSet` when it is let go, with what the control was taken for
 * when that began.
 *
 * @param value where the handle stands while nobody moves it
 */
export function Fader(props: {
  label: string;
  describedBy: string;
  /** What names it in sight. */
  labelledBy: string;
  value: number;
  limits: Limits;
  expected: number | null;
  onSet: (value: number, expected: number | null) => void;
}) {
  const { label, describedBy, labelledBy, value, limits, expected, onSet } = props;
  const [moved, setMoved] = useState<number | null>(null);
  // What is not sent yet: where it goes, and where it was when that began.
  const move = useRef<{
    to: number;
    before: number;
    expected: number | null;
    timer?: ReturnType<typeof setTimeout>;
  } | null>(null);
  const set = useRef(onSet);
  useEffect(() => {
    set.current = onSet;
  });

  const moveTo = (to: number): void => {
    move.current = { ...(move.current ?? { before: value, expected }), to };
    setMoved(to);
  };
  const commit = (): void => {
    const done = move.current;
    if (done === null) return;
    clearTimeout(done.timer);
    move.current = null;
    setMoved(null);
    if (done.to !== done.before) set.current(done.to, done.expected);
  };
  const commitLast = useRef(commit);
  useEffect(() => {
    commitLast.current = commit;
  });
  // Whoever leaves right after a key has let go of it as well.
  useEffect(() => () => commitLast.current(), []);

  // The slider's own keys move by a tenth of the range, which is 12 dB of most faders.
  const onKey = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const to = afterKey(event.key, event.shiftKey, moved ?? value, limits);
    if (to === null) return;
    event.preventDefault();
    event.stopPropagation();
    moveTo(to);
    if (move.current === null) return;
    clearTimeout(move.current.timer);
    move.current.timer = setTimeout(() => commitLast.current(), KEYS_QUIET_MS);
  };

  const shown = moved ?? value;
  const part = partOf(shown, limits) * 100;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what is interacted with is the slider within; its keys are caught before it has them
    <div className="fader" onKeyDownCapture={onKey} onBlur={commit} data-moving={moved !== null || undefined}>
      <Slider
        aria-label={label}
        aria-describedby={describedBy}
        minValue={limits.min}
        maxValue={limits.max}
        step={0.1}
        value={shown}
        onChange={(to) => moveTo(withinLimits(to, limits))}
        onChangeEnd={commit}
      >
        <SliderTrack className="fader-track">
          <span className="fader-fill" style={{ width: `${part}%` }} />
          {limits.min < 0 && limits.max > 0 && (
            <span className="fader-zero" style={{ left: `${partOf(0, limits) * 100}%` }} aria-hidden="true" />
          )}
          <SliderThumb className="fader-thumb" aria-labelledby={labelledBy} />
        </SliderTrack>
      </Slider>
      {moved !== null && (
        <output className="fader-moved number" style={{ left: `clamp(36px, ${part}%, calc(100% - 36px))` }}>
          {texts.control.decibels(moved)}
        </output>
      )}
    </div>
  );
}
