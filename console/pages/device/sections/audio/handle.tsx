import { ToggleButton } from 'react-aria-components';
import { type Control, type Kind, type Limits, type Reading, unitOf } from './control-rules.ts';
import { Fader } from './fader.tsx';
import './handles.css';
import { expectedOf } from './mend-rules.ts';
import { MuteWords } from './mute-words.tsx';
import type { Wanted } from './outcome-rules.ts';
import { texts } from './texts.ts';
import { TriggerHandle } from './trigger-handle.tsx';
import { TypedHandle } from './typed-handle.tsx';
import type { Wish } from './use-sender.ts';

/**
 * What a control that can be set is set by.
 *
 * @param going what is under way; the handle stands there until it is known what became of it
 * @param isGuarded whether it is taken for what it says: a view that is stale moves nothing
 */
export function Handle(props: {
  kind: Kind;
  control: Control;
  label: string;
  ids: { name: string; value: string };
  limits: Limits | null;
  reading: Reading;
  going: Wanted | null;
  isGuarded: boolean;
  onSet: (wish: Wish) => void;
}) {
  const { kind, control, label, ids, limits, reading, going, isGuarded, onSet } = props;
  const { value } = reading;
  switch (kind) {
    case 'fader':
      if (limits === null || value === null) return null;
      return (
        <Fader
          label={label}
          describedBy={ids.value}
          labelledBy={ids.name}
          value={typeof going?.value === 'number' ? going.value : value}
          limits={limits}
          expected={isGuarded ? value : null}
          onSet={(to, taken) => onSet({ wanted: { value: to }, expected: taken === null ? null : { value: taken } })}
        />
      );
    case 'mute':
    case 'switch': {
      if (value === null) return null;
      const isOn = typeof going?.mute === 'boolean' ? going.mute : value !== 0;
      const called = kind === 'mute' ? texts.control.mute : texts.control.turn;
      const onChange = (mute: boolean): void =>
        onSet({ wanted: { mute }, expected: isGuarded ? expectedOf({ mute }, reading) : null });
      return (
        <ToggleButton
          className={kind === 'mute' ? 'mute' : 'mute switch'}
          aria-label={called(label, isOn)}
          isSelected={isOn}
          onChange={onChange}
        >
          {kind === 'mute' ? <MuteWords isMuted={isOn} /> : <SwitchWords isOn={isOn} />}
        </ToggleButton>
      );
    }
    case 'trigger':
      return <TriggerHandle label={label} onFire={() => onSet({ wanted: { trigger: true }, expected: null })} />;
    case 'number':
    case 'position':
    case 'text': {
      const takes = { kind, limits, isWhole: control.type === 'Integer' };
      const unit = kind === 'number' ? unitOf(control) : kind === 'position' ? texts.typed.percent : '';
      return <TypedHandle {...{ label, takes, unit, reading, isGuarded, onSet }} describedBy={ids.value} />;
    }
    case 'meter':
    case 'value':
      return null;
    default:
      return kind satisfies never;
  }
}

/** On or off as shape and word. */
const SwitchWords = ({ isOn }: { isOn: boolean }) => (
  <>
    <span className="switch-track" aria-hidden="true" />
    <span>{isOn ? texts.control.on : texts.control.off}</span>
  </>
);
