import './field.css';

/** A day and a time of day, by no clock in particular: who asks says in which zone. The browser's own widget. */
export function LocalTimeField(props: {
  label: string;
  /** `2026-11-26T12:03`; empty while it is not whole. */
  value: string;
  onChange: (value: string) => void;
}) {
  const { label, value, onChange } = props;
  return (
    <label className="field">
      <span>{label}</span>
      <input
        className="input number"
        type="datetime-local"
        value={value}
        onChange={({ target }) => onChange(target.value)}
      />
    </label>
  );
}
