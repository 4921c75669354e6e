import { type Outcome, valueText } from './change-rules.ts';
import { type Display, type SettingName, valuesOf } from './draft-rules.ts';
import { ClockChanges, ExceptionsShown, HoursWords, useToday } from './hours-field.tsx';
import { weekOf } from './hours-rules.ts';
import { OutcomeNote } from './outcome-note.tsx';
import { SettingRow } from './setting-row.tsx';
import { texts } from './texts.ts';
import { WeekGrid } from './week-grid.tsx';

/** The settings as values, for who may not change them: no form, and nothing to press. */
export function SettingsValues(props: {
  display: Display;
  outcomes: Partial<Record<SettingName, Outcome>>;
  zone: string;
}) {
  const { display, outcomes, zone } = props;
  const values = valuesOf(display);
  const today = useToday(zone);
  const note = (name: SettingName) => <OutcomeNote name={name} outcome={outcomes[name]} zone={zone} />;
  return (
    <>
      <p className="quiet">{texts.readOnly}</p>
      <div>
        {(['power', 'brightnessPercent', 'inputSource'] as const).map((name) => (
          <SettingRow key={name} name={name} present={null} isEdited={false} outcome={note(name)}>
            <p className="number">{valueText(name, values[name])}</p>
          </SettingRow>
        ))}
        <SettingRow name="hoursOfOperation" present={null} isEdited={false} outcome={note('hoursOfOperation')}>
          <HoursWords display={display} zone={zone} isEditing={false} />
          <WeekGrid week={weekOf(values.hoursOfOperation)} today={today} />
          <ClockChanges zone={zone} />
        </SettingRow>
        <SettingRow name="hoursExceptions" present={null} isEdited={false} outcome={note('hoursExceptions')}>
          <ExceptionsShown exceptions={values.hoursExceptions} zone={zone} />
        </SettingRow>
      </div>
    </>
  );
}
