import { History } from 'lucide-react';
import { useState } from 'react';
import { ToggleButton } from 'react-aria-components';
import { exactInBoth, exactTime, minuteTime, viewerZone } from '../data/time.ts';
import { useLive } from '../data/use-live.ts';
import { fromLocal, toLocal } from '../data/zone-rules.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { LocalTimeField } from './local-time-field.tsx';
import { Select } from './select.tsx';
import { texts } from './texts.ts';
import './time-range.css';
import { faultOfRange, PRESETS } from './time-range-rules.ts';
import { type TimeRange, useTimeRange } from './use-time-range.ts';

const own = texts.timeRange;

/**
 * Chooses the range of time of a page (`useTimeRange`): at its top right, in `actions` of PageHead.
 *
 * @param zone in which times are typed and said: that of the page's site
 * @param hasPast whether the page can be read as of a past time. @default false
 */
export function TimeRangePicker({ zone, hasPast = false }: { zone: string; hasPast?: boolean }) {
  const range = useTimeRange();
  const isBroken = useLive().phase === 'reconnecting';
  const [open, setOpen] = useState<'range' | 'past' | null>(null);
  const { isLive, preset, from, to, asOf } = range;
  const options = [...PRESETS, 'custom' as const].map((value) => ({ value, text: own.presets[value] }));
  return (
    <div className="time-range">
      {preset === null && (
        <Button kind="plain" onPress={() => setOpen('range')}>
          <span className="time-range-shown number">{own.fromTo(minuteTime(from, zone), minuteTime(to, zone))}</span>
        </Button>
      )}
      <Select
        label={own.label}
        isLabelHidden
        value={preset ?? 'custom'}
        options={options}
        onChange={(chosen) => (chosen === 'custom' ? setOpen('range') : range.follow(chosen))}
      />
      <ToggleButton
        className="live-toggle"
        isSelected={isLive}
        // What follows the present, and can't reach it, is not called live.
        data-broken={(isLive && isBroken) || undefined}
        onChange={(wanted) => (wanted ? range.resume() : range.pause())}
      >
        {isLive && isBroken ? own.notLive : own.live}
      </ToggleButton>
      {hasPast && asOf === null && (
        <Button icon={<History aria-hidden="true" />} onPress={() => setOpen('past')}>
          {own.past}
        </Button>
      )}
      {open === 'range' && <RangeDialog range={range} zone={zone} onClose={() => setOpen(null)} />}
      {open === 'past' && <PastDialog range={range} zone={zone} onClose={() => setOpen(null)} />}
    </div>
  );
}

/** Says that the page is read from the past, as of when, and how to get back. Nothing in the present. */
export function PastNote({ zone }: { zone: string }) {
  const { asOf, goTo } = useTimeRange();
  if (asOf === null) return null;
  return (
    <div className="past-note" role="status">
      <p title={exactInBoth(asOf, zone, viewerZone())}>{own.readFromPast(exactTime(asOf, zone), zone)}</p>
      <Button onPress={() => goTo(null)}>{own.toPresent}</Button>
    </div>
  );
}

type DialogProps = { range: TimeRange; zone: string; onClose: () => void };

function RangeDialog({ range, zone, onClose }: DialogProps) {
  const [from, setFrom] = useState(toLocal(range.from, zone));
  const [to, setTo] = useState(toLocal(range.to, zone));
  const [start, end] = [fromLocal(from, zone), fromLocal(to, zone)];
  const fault = faultOfRange(start, end);
  const show = (): void => {
    if (start === null || end === null || fault !== null) return;
    range.show(start, end);
    onClose();
  };
  return (
    <Dialog
      title={own.choose}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{texts.dialog.cancel}</Button>
          <Button kind="primary" onPress={show} isDisabled={fault !== null}>
            {own.show}
          </Button>
        </>
      }
    >
      <div className="time-range-fields">
        <LocalTimeField label={own.from} value={from} onChange={setFrom} />
        <LocalTimeField label={own.to} value={to} onChange={setTo} />
      </div>
      <p className="field-hint">{own.inZone(zone)}</p>
      {fault !== null && (
        <p className="field-error" role="alert">
          {own.faults[fault]}
        </p>
      )}
    </Dialog>
  );
}

function PastDialog({ range, zone, onClose }: DialogProps) {
  const [local, setLocal] = useState(toLocal(range.isLive ? new Date(Date.now() - 3_600_000) : range.to, zone));
  const at = fromLocal(local, zone);
  const fault = at === null ? own.faults.incomplete : at.getTime() >= Date.now() ? own.faults.future : null;
  const go = (): void => {
    if (at === null || fault !== null) return;
    range.goTo(at);
    onClose();
  };
  return (
    <Dialog
      title={own.pastTitle}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{texts.dialog.cancel}</Button>
          <Button kind="primary" onPress={go} isDisabled={fault !== null}>
            {own.go}
          </Button>
        </>
      }
    >
      <p className="quiet">{own.pastText}</p>
      <LocalTimeField label={own.at} value={local} onChange={setLocal} />
      <p className="field-hint">{own.inZone(zone)}</p>
      {fault !== null && (
        <p className="field-error" role="alert">
          {fault}
        </p>
      )}
    </Dialog>
  );
}
