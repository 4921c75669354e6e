import { Select } from '../../../../components/select.tsx';
import type { FieldFault, Settable } from './draft-rules.ts';
import { texts } from './texts.ts';

/** What is wrong with a field, in words. */
export const faultText = (fault: FieldFault | undefined, range?: Settable): string | null =>
  fault === undefined
    ? null
    : fault === 'outOfRange'
      ? texts.faults.outOfRange(range?.min ?? 0, range?.max ?? 100)
      : texts.faults[fault];

export const FieldError = ({ id, children }: { id?: string; children: string | null }) =>
  children === null ? null : (
    <p className="field-error" id={id} role="alert">
      {children}
    </p>
  );

export const PowerField = (props: { value: 'ON' | 'OFF' | null; onChange: (value: 'ON' | 'OFF') => void }) => (
  <div className="segments" role="radiogroup" aria-labelledby="setting-power">
    {(['ON', 'OFF'] as const).map((power) => (
      <label key={power} className="segment">
        <input type="radio" name="power" checked={props.value === power} onChange={() => props.onChange(power)} />
        {texts.power[power]}
      </label>
    ))}
  </div>
);

/** A slider for the eye and the mouse, a number for who knows it; both are the same value. */
export function BrightnessField(props: {
  text: string;
  range: Settable;
  fault: string | null;
  onChange: (text: string) => void;
}) {
  const { text, range, fault, onChange } = props;
  const [min, max, isWhole] = [range.min ?? 0, range.max ?? 100, range.isWhole === true];
  const shared = { min, max, step: isWhole ? 1 : 'any', value: text } as const;
  return (
    <>
      <div className="brightness">
        <input
          {...shared}
          step={1}
          type="range"
          // The number beside it says the same to who can't see; one stop with the keyboard is enough.
          aria-hidden="true"
          tabIndex={-1}
          value={text === '' ? min : text}
          onChange={({ target }) => onChange(target.value)}
        />
        <input
          {...shared}
          className="input number"
          type="number"
          inputMode="decimal"
          aria-labelledby="setting-brightnessPercent"
          aria-describedby="brightness-range"
          aria-invalid={fault !== null}
          data-invalid={fault !== null || undefined}
          onChange={({ target }) => onChange(target.value)}
        />
        <span>%</span>
      </div>
      <p className="field-hint" id="brightness-range">
        {texts.range(min, max, isWhole)}
      </p>
      <FieldError>{fault}</FieldError>
    </>
  );
}

const OTHER = '\u0000other';

/** The input that is shown: one of the display's list, a code that the list has not, or a text where there is no list. */
export function InputField(props: {
  value: string;
  range: Settable;
  fault: string | null;
  onChange: (value: string) => void;
}) {
  const { value, range, fault, onChange } = props;
  const { choices, otherCodes, maxLength } = range;
  const isListed = choices?.includes(value) === true;
  const typed = (label: string) => (
    <input
      className="input"
      aria-label={label}
      value={value}
      maxLength={maxLength ?? 100}
      data-invalid={fault !== null || undefined}
      onChange={({ target }) => onChange(target.value)}
    />
  );
  if (choices === null)
    return (
      <>
        {typed(texts.names.inputSource)}
        {maxLength !== null && <p className="field-hint">{texts.atMost(maxLength)}</p>}
        <FieldError>{fault}</FieldError>
      </>
    );
  const options = [
    ...choices.map((choice) => ({ value: choice, text: choice })),
    // What is shown at present may be none of the list.
    ...(isListed || otherCodes !== null ? [] : [{ value, text: value === '' ? texts.unknown : value }]),
    ...(otherCodes === null ? [] : [{ value: OTHER, text: texts.otherCode }]),
  ];
  const isOther = otherCodes !== null && !isListed;
  return (
    <>
      <div className="input-source">
        <Select
          label={texts.names.inputSource}
          isLabelHidden
          value={isOther ? OTHER : value}
          options={options}
          onChange={(chosen) => onChange(chosen === OTHER ? 'CODE_' : chosen)}
        />
        {isOther && typed(texts.otherCodeField)}
      </div>
      {isOther && <p className="field-hint">{texts.otherCodeHint(otherCodes)}</p>}
      <FieldError>{fault}</FieldError>
    </>
  );
}
