import { type ReactNode, useId } from 'react';
import { Button } from '../../../../components/button.tsx';
import { Field } from '../../../../components/field.tsx';
import { SendAgain } from './again-button.tsx';
import { type Change, type Outcome, valueText } from './change-rules.ts';
import {
  type Display,
  drawnWeek,
  type Settable,
  type SettingName,
  typedExceptions,
  typedWeek,
  valuesOf,
} from './draft-rules.ts';
import { BrightnessField, FieldError, faultText, InputField, PowerField } from './fields.tsx';
import { ClockChanges, ExceptionsField, HoursWords, useToday } from './hours-field.tsx';
import { LeaveGuard } from './leave-guard.tsx';
import { OutcomeNote } from './outcome-note.tsx';
import { Review } from './review.tsx';
import { SettingRow } from './setting-row.tsx';
import { texts } from './texts.ts';
import { type Editor, useEditor } from './use-editor.ts';
import { WeekGrid } from './week-grid.tsx';

type Outcomes = Partial<Record<SettingName, Outcome>>;
type FormProps = {
  display: Display;
  outcomes: Outcomes;
  changes: readonly Change[];
  zone: string;
  learn: (change: Change) => void;
};

/** The settings of a display as a draft: nothing is sent before it was checked and applied. */
export function SettingsForm({ display, outcomes, changes, zone, learn }: FormProps) {
  const editor = useEditor(display, learn);
  const { draft, read, phase, edit } = editor;
  const values = valuesOf(display);
  const today = useToday(zone);
  const rangeOf = (name: SettingName): Settable | undefined =>
    display.settable?.find((setting) => setting.name === name);
  const [brightness, input] = [rangeOf('brightnessPercent'), rangeOf('inputSource')];
  const week = draft.week ?? typedWeek(values.hoursOfOperation);
  const row = (name: SettingName, children: ReactNode) => (
    <SettingRow
      name={name}
      isEdited={read.edited.includes(name)}
      present={name.startsWith('hours') ? null : valueText(name, values[name])}
      outcome={
        <OutcomeNote
          name={name}
          outcome={outcomes[name]}
          zone={zone}
          actions={
            outcomes[name] && (
              <SendAgain change={outcomes[name].change} {...{ changes, learn }} displayId={display.id} />
            )
          }
        />
      }
    >
      {children}
      <ServerFault editor={editor} name={name} />
    </SettingRow>
  );
  const isLocked = phase.kind === 'checking' || phase.kind === 'applying';
  return (
    <form
      className="settings-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (canCheck(editor)) editor.check();
      }}
    >
      <fieldset disabled={isLocked}>
        {rangeOf('power') !== undefined &&
          row('power', <PowerField value={draft.power ?? values.power} onChange={(power) => edit({ power })} />)}
        {brightness !== undefined &&
          row(
            'brightnessPercent',
            <BrightnessField
              text={draft.brightness ?? (values.brightnessPercent === null ? '' : String(values.brightnessPercent))}
              range={brightness}
              fault={faultText(read.faults.brightnessPercent, brightness)}
              onChange={(text) => edit({ brightness: text })}
            />,
          )}
        {input !== undefined &&
          row(
            'inputSource',
            <InputField
              value={draft.inputSource ?? values.inputSource ?? ''}
              range={input}
              fault={faultText(read.faults.inputSource, input)}
              onChange={(inputSource) => edit({ inputSource })}
            />,
          )}
        {row(
          'hoursOfOperation',
          <>
            <HoursWords display={display} zone={zone} isEditing />
            <WeekGrid
              week={drawnWeek(week)}
              today={today}
              editing={{ typed: week, faults: read.faults, onChange: (typed) => edit({ week: typed }) }}
            />
            <ClockChanges zone={zone} />
          </>,
        )}
        {row(
          'hoursExceptions',
          <>
            <p className="quiet">{texts.hours.special}.</p>
            <ExceptionsField
              typed={draft.exceptions ?? typedExceptions(values.hoursExceptions)}
              faults={read.faults}
              zone={zone}
              onChange={(exceptions) => edit({ exceptions })}
            />
          </>,
        )}
      </fieldset>
      <Review editor={editor} display={display} changes={changes} zone={zone} />
      <DraftBar editor={editor} />
      <LeaveGuard edited={read.edited} />
    </form>
  );
}

const canCheck = ({ read, phase }: Editor): boolean =>
  read.edited.length > 0 &&
  Object.keys(read.faults).length === 0 &&
  phase.kind !== 'checking' &&
  phase.kind !== 'applying' &&
  phase.kind !== 'checked';

/** What the server says is wrong with a setting, at its field. */
function ServerFault({ editor: { phase }, name }: { editor: Editor; name: SettingName }) {
  const errors = phase.kind === 'refused' ? phase.errors : [];
  const mine = errors.filter(({ field }) => field === `input.${name}` || field?.startsWith(`input.${name}.`) === true);
  return <FieldError>{mine.length === 0 ? null : mine.map(({ message }) => message).join('; ')}</FieldError>;
}

/** How much is edited, why, and the way on. */
function DraftBar({ editor }: { editor: Editor }) {
  const { read, reason, phase, setReason, discard } = editor;
  const id = useId();
  const count = read.edited.length;
  const hasFaults = Object.keys(read.faults).length > 0;
  if (count === 0) return <p className="quiet">{texts.draft.none}</p>;
  return (
    <section className="draft-bar" aria-label={texts.draft.region}>
      <p id={id} role="status" className="draft-count">
        {texts.draft.count(count)}
        {hasFaults && <span className="quiet"> {texts.draft.mend}</span>}
      </p>
      <Field
        label={texts.draft.reason}
        value={reason}
        // What is on its way has its reason: another one would bring the draft back that is being applied.
        isDisabled={phase.kind === 'applying'}
        onChange={(text) => setReason(text.slice(0, 500))}
      />
      <div className="draft-actions">
        <Button onPress={discard} isDisabled={phase.kind === 'applying'}>
          {texts.draft.discard}
        </Button>
        {phase.kind !== 'checked' && phase.kind !== 'applying' && (
          <Button kind="primary" type="submit" isDisabled={!canCheck(editor)} aria-describedby={id}>
            {phase.kind === 'checking' ? texts.draft.checking : texts.draft.check}
          </Button>
        )}
      </div>
    </section>
  );
}
