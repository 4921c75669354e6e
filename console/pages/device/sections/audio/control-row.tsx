import { Volume2, VolumeX } from 'lucide-react';
import { memo, useId, useSyncExternalStore } from 'react';
import { Meter, ToggleButton } from 'react-aria-components';
import { useNow } from '../../../../data/use-now.ts';
import { type Control, kindOf, limitsOf, partOf, type Reading, readingText } from './control-rules.ts';
import { Fader } from './fader.tsx';
import './handles.css';
import type { LiveStore } from './live-store.ts';
import { OutcomeLine } from './outcome-line.tsx';
import { type Change, isMovedSince, outcomeOf, presentReading } from './outcome-rules.ts';
import { texts } from './texts.ts';
import type { Sent, Wish } from './use-sender.ts';

type Props = {
  component: string;
  control: Control;
  live: LiveStore;
  /** The last change that asked something of it. */
  change: Change | undefined;
  sent: Sent | undefined;
  isStale: boolean;
  canSet: boolean;
  /** Whether changes of everybody are known here. */
  knowsAll: boolean;
  zone: string;
  /** Its key in changes. */
  settingKey: string;
  send: (component: string, name: string, wish: Wish) => void;
};

/** A control: its name, its handle or what it says, and what became of its last change. Values that change turn this row alone. */
export const ControlRow = memo(function ControlRow(props: Props) {
  const { component, control, live, change, sent, isStale, canSet, knowsAll, zone, settingKey, send } = props;
  const store = live.of(control.name);
  const told = useSyncExternalStore(store.subscribe, store.get);
  const now = useNow();
  const id = useId();
  const kind = kindOf(control);
  const limits = limitsOf(control);
  const isMissing = told === 'missing';
  const last: Reading = told === null || told === 'missing' ? control : told;
  const outcome = change === undefined ? null : outcomeOf(change, settingKey, limits, now);
  const reading = presentReading(last, outcome);
  const isOpen = sent?.message === null || outcome?.state === 'SENDING' || outcome?.state === 'PENDING';
  const canMove = canSet && !isMissing && control.direction === 'READ_WRITE' && reading.value !== null;
  const label = `${component}, ${control.name}`;
  // Where it goes while it is under way, and where it is after that, whatever was wanted.
  const going = sent?.message === null ? sent.wanted : outcome?.state === 'SENDING' ? outcome.wanted : null;
  // A view that is stale moves nothing: the Core is asked whether it is still so. What is under way changes that by itself.
  const expected = isOpen ? null : reading.value;

  const isMuted = typeof going?.mute === 'boolean' ? going.mute : reading.value !== 0;
  return (
    <li className="audio-control" data-kind={kind} data-stale={isStale || isMissing || undefined}>
      <span className="audio-control-name" id={`${id}-name`}>
        {control.name}
      </span>
      <div className="audio-control-handle">
        {kind === 'fader' && canMove && limits !== null && reading.value !== null && (
          <Fader
            label={label}
            describedBy={`${id}-value`}
            labelledBy={`${id}-name`}
            value={typeof going?.value === 'number' ? going.value : reading.value}
            limits={limits}
            expected={expected}
            onSet={(value, taken) => send(component, control.name, { value, expected: taken })}
          />
        )}
        {(kind === 'meter' || (kind === 'fader' && !canMove)) && limits !== null && reading.value !== null && (
          <Meter
            className="audio-meter"
            aria-label={label}
            minValue={limits.min}
            maxValue={limits.max}
            value={reading.value}
            valueLabel={readingText(kind, reading)}
          >
            <span style={{ transform: `scaleX(${partOf(reading.value, limits)})` }} />
          </Meter>
        )}
        {kind === 'mute' && canMove && (
          <ToggleButton
            className="mute"
            aria-label={texts.control.mute(label, isMuted)}
            isSelected={isMuted}
            onChange={(mute) =>
              send(component, control.name, { mute, expected: expected === null ? null : expected !== 0 })
            }
          >
            {({ isSelected }) => <MuteWords isMuted={isSelected} />}
          </ToggleButton>
        )}
        {kind === 'mute' && !canMove && reading.value !== null && (
          <span className="mute" data-selected={reading.value !== 0 || undefined} data-quiet="">
            <MuteWords isMuted={reading.value !== 0} />
          </span>
        )}
      </div>
      <span className="audio-control-value number" id={`${id}-value`}>
        {kind !== 'mute' && readingText(kind, reading)}
        {isMissing && <span className="audio-stale"> {texts.control.missing}</span>}
        {isStale && !isMissing && <span className="audio-stale"> {texts.control.stale}</span>}
      </span>
      {limits !== null && (kind === 'fader' || kind === 'meter') && (
        <span className="audio-control-range quiet number">
          {texts.control.range(texts.control.number(limits.min), texts.control.decibels(limits.max))}
        </span>
      )}
      <OutcomeLine {...{ kind, outcome, sent, zone }} />
      {sent === undefined && isMovedSince(last, outcome, limits, now) && (
        <p className="audio-outcome quiet">{knowsAll ? texts.movedSince : texts.movedSinceUnknown}</p>
      )}
    </li>
  );
});

/** A mute as shape, colour and word. */
const MuteWords = ({ isMuted }: { isMuted: boolean }) => (
  <>
    {isMuted ? <VolumeX aria-hidden="true" /> : <Volume2 aria-hidden="true" />}
    <span>{isMuted ? texts.control.muted : texts.control.unmuted}</span>
  </>
);
