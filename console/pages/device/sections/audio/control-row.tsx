import { memo, useId, useSyncExternalStore } from 'react';
import { Meter } from 'react-aria-components';
import { useNow } from '../../../../data/use-now.ts';
import { type Control, kindOf, limitsOf, partOf, type Reading, readingText, unitOf } from './control-rules.ts';
import { Handle } from './handle.tsx';
import type { LiveStore } from './live-store.ts';
import { expectedOf } from './mend-rules.ts';
import { MuteWords } from './mute-words.tsx';
import { OutcomeLine } from './outcome-line.tsx';
import { type Change, isMovedSince, outcomeOf, presentReading } from './outcome-rules.ts';
import { texts } from './texts.ts';
import type { Sender, Sent } from './use-sender.ts';

type Props = {
  component: string;
  control: Control;
  live: LiveStore;
  /** The last change that asked something of it. */
  change: Change | undefined;
  /** Whether that change can be taken back, and no later one is known. */
  isUndoable: boolean;
  sent: Sent | undefined;
  isStale: boolean;
  canSet: boolean;
  /** Whether changes of everybody are known here. */
  knowsAll: boolean;
  zone: string;
  /** Its key in changes. */
  settingKey: string;
  send: Sender['send'];
  forget: Sender['forget'];
  learn: (change: Change) => void;
};

/** A control: its name, its handle or what it says, and what became of its last change. Values that change turn this row alone. */
export const ControlRow = memo(function ControlRow(props: Props) {
  const { component, control, live, change, sent, isStale, canSet, knowsAll, zone, settingKey, send } = props;
  const store = live.of(control.name);
  const told = useSyncExternalStore(store.subscribe, store.get);
  const now = useNow();
  const id = useId();
  const limits = limitsOf(control);
  const isMissing = told === 'missing';
  const last: Reading = told === null || told === 'missing' ? control : told;
  const outcome = change === undefined ? null : outcomeOf(change, settingKey, limits, now);
  const reading = presentReading(last, outcome);
  const kind = kindOf({ ...control, value: reading.value, position: reading.position });
  const isOpen = sent?.message === null || outcome?.state === 'SENDING' || outcome?.state === 'PENDING';
  const canMove = canSet && !isMissing && control.direction === 'READ_WRITE';
  const label = `${component}, ${control.name}`;
  // Where it goes while it is under way, and where it is after that, whatever was wanted.
  const going = sent?.message === null ? sent.wanted : outcome?.state === 'SENDING' ? outcome.wanted : null;
  const isLevel = (kind === 'fader' || kind === 'meter') && reading.value !== null;
  const range = limits !== null && (kind === 'fader' || kind === 'meter' || (kind === 'number' && canMove));

  return (
    <li className="audio-control" data-kind={kind} data-stale={isStale || isMissing || undefined}>
      <span className="audio-control-name" id={`${id}-name`}>
        {control.name}
      </span>
      <div className="audio-control-handle">
        {canMove && (
          <Handle
            {...{ kind, control, label, limits, reading, going }}
            ids={{ name: `${id}-name`, value: `${id}-value` }}
            // The Core is asked whether it is still so; what is under way changes that by itself.
            isGuarded={!isOpen}
            onSet={(wish) => send(component, control.name, wish)}
          />
        )}
        {isLevel && limits !== null && (kind === 'meter' || !canMove) && (
          <Meter
            className="audio-meter"
            aria-label={label}
            minValue={limits.min}
            maxValue={limits.max}
            value={reading.value ?? limits.min}
            valueLabel={readingText(kind, reading)}
          >
            <span style={{ transform: `scaleX(${partOf(reading.value ?? limits.min, limits)})` }} />
          </Meter>
        )}
        {kind === 'mute' && !canMove && reading.value !== null && (
          <span className="mute" data-selected={reading.value !== 0 || undefined} data-quiet="">
            <MuteWords isMuted={reading.value !== 0} />
          </span>
        )}
      </div>
      <span className="audio-control-value number" id={`${id}-value`}>
        {kind !== 'mute' && !(kind === 'switch' && canMove) && <bdi>{readingText(kind, reading)}</bdi>}
        {isMissing && <span className="audio-stale"> {texts.control.missing}</span>}
        {isStale && !isMissing && <span className="audio-stale"> {texts.control.stale}</span>}
      </span>
      {range && limits !== null && (
        <span className="audio-control-range quiet number">
          {texts.control.range(texts.control.number(limits.min), texts.control.number(limits.max), unitOf(control))}
        </span>
      )}
      <OutcomeLine
        {...{ kind, outcome, sent, zone, label, canMove, learn: props.learn, isUndoable: props.isUndoable }}
        onAgain={(wanted) =>
          send(component, control.name, { wanted, expected: isOpen ? null : expectedOf(wanted, reading) })
        }
        onDismiss={() => props.forget(component, control.name)}
      />
      {sent === undefined && isMovedSince(last, outcome, limits, now) && (
        <p className="audio-outcome quiet">{knowsAll ? texts.movedSince : texts.movedSinceUnknown}</p>
      )}
    </li>
  );
});
