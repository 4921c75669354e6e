import { useRef, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { texts } from './texts.ts';

/** A secret that is shown this once, with a button that copies it; where the browser does not let us, it is selected to be copied by hand. */
export function ShownOnce({ label, value }: { label: string; value: string }) {
  const input = useRef<HTMLInputElement>(null);
  const [outcome, setOutcome] = useState('');
  const copy = async (): Promise<void> => {
    input.current?.select();
    try {
      // Not there without https, other than on this very machine.
      await navigator.clipboard.writeText(value);
      setOutcome(texts.once.copied);
    } catch {
      input.current?.focus();
      setOutcome(texts.once.copyByHand);
    }
  };
  return (
    <div className="shown-once">
      <label>
        {label}
        <input ref={input} className="input" readOnly value={value} onFocus={({ target }) => target.select()} />
      </label>
      <Button kind="primary" onPress={() => void copy()}>
        {texts.once.copy}
      </Button>
      <p className="quiet" role="status">
        {outcome}
      </p>
    </div>
  );
}
