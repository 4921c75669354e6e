import { useId, useState } from 'react';
import { Button } from '../../../../components/button.tsx';
import type { Reading } from './control-rules.ts';
import { expectedOf } from './mend-rules.ts';
import { texts } from './texts.ts';
import { parseTyped, rangeOf, type Takes, typedText } from './typed-rules.ts';
import type { Wish } from './use-sender.ts';

/**
 * A field for a number, a part of the range, or a text. Nothing is sent before Enter or "Set"; Escape gives up what was typed. What the control
 * said when the typing began is what it is taken for.
 *
 * @param isGuarded whether it is taken for anything: what is under way changes it by itself
 */
export function TypedHandle(props: {
  label: string;
  describedBy: string;
  takes: Takes;
  unit: string;
  reading: Reading;
  isGuarded: boolean;
  onSet: (wish: Wish) => void;
}) {
  const { label, describedBy, takes, unit, reading, isGuarded, onSet } = props;
  const [draft, setDraft] = useState<{ text: string; from: Reading | null } | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const faultId = useId();
  const said = typedText(takes.kind, reading);
  const drop = (): void => {
    setDraft(null);
    setFault(null);
  };
  const set = (): void => {
    if (draft === null) return;
    const wanted = parseTyped(draft.text, takes);
    if ('fault' in wanted) {
      setFault(wanted.fault);
      return;
    }
    drop();
    onSet({ wanted, expected: draft.from === null ? null : expectedOf(wanted, draft.from) });
  };
  const range = rangeOf(takes);
  const isNumber = takes.kind !== 'text';
  return (
    <form
      className="typed"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        set();
      }}
    >
      <input
        className={isNumber ? 'input number' : 'input'}
        type={isNumber ? 'number' : 'text'}
        inputMode={isNumber ? 'decimal' : undefined}
        step={takes.isWhole ? 1 : 'any'}
        min={range?.min}
        max={range?.max}
        dir={isNumber ? undefined : 'auto'}
        autoComplete="off"
        aria-label={label}
        aria-describedby={fault === null ? describedBy : faultId}
        aria-invalid={fault !== null}
        data-invalid={fault !== null || undefined}
        data-edited={draft !== null || undefined}
        value={draft?.text ?? said}
        onChange={({ target }) => {
          setFault(null);
          setDraft({ text: target.value, from: draft === null ? (isGuarded ? reading : null) : draft.from });
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || draft === null) return;
          event.stopPropagation();
          drop();
        }}
        // What was typed and taken back is no draft.
        onBlur={() => draft?.text === said && drop()}
      />
      {unit !== '' && <span aria-hidden="true">{unit}</span>}
      {draft !== null && (
        <Button type="submit" aria-label={texts.typed.setOf(label)}>
          {texts.typed.set}
        </Button>
      )}
      {fault !== null && (
        <p className="field-error" id={faultId} role="alert">
          {fault}
        </p>
      )}
    </form>
  );
}
