import './field.css';

/** A choice of a few. The browser's own widget: phones and screen readers know it best. */
export function Select<Value extends string>(props: {
  label: string;
  value: Value;
  options: readonly { value: Value; text: string }[];
  onChange: (value: Value) => void;
  /** Whether the label is said, and not shown. */
  isLabelHidden?: boolean;
}) {
  const { label, value, options, onChange, isLabelHidden = false } = props;
  return (
    <label className="select">
      <span className={isLabelHidden ? 'visually-hidden' : undefined}>{label}</span>
      <select
        value={value}
        onChange={({ target }) => {
          const chosen = options.find((option) => option.value === target.value);
          if (chosen !== undefined) onChange(chosen.value);
        }}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.text}
          </option>
        ))}
      </select>
    </label>
  );
}
