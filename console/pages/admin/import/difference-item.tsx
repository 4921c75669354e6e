import { printJson } from '../audit/json-diff.ts';
import { type Difference, nameOf } from './import-rules.ts';
import { texts } from './texts.ts';

/** One device or site that an import would add or change, field by field. */
export function DifferenceItem(props: {
  difference: Difference;
  isOpen: boolean;
  onToggle: (isOpen: boolean) => void;
}) {
  const { difference, isOpen, onToggle } = props;
  const { kind, site, line } = difference;
  const name = nameOf(difference);
  return (
    <details className="difference" open={isOpen} onToggle={({ currentTarget }) => onToggle(currentTarget.open)}>
      <summary>
        <span className="difference-kind" data-kind={kind}>
          {texts.kind[kind]}
        </span>
        <strong>{name}</strong>
        {name !== site && <span className="quiet">{site}</span>}
        <span className="quiet number">{texts.line(line)}</span>
      </summary>
      {isOpen && <Fields difference={difference} />}
    </details>
  );
}

function Fields({ difference }: { difference: Difference }) {
  const { kind, fields } = difference;
  const isAdded = kind === 'DEVICE_ADDED';
  return (
    <table className="diff" aria-label={texts.fieldsOf(nameOf(difference))}>
      <thead>
        <tr>
          <th scope="col">{texts.field}</th>
          {!isAdded && <th scope="col">{texts.before}</th>}
          <th scope="col">{texts.after}</th>
        </tr>
      </thead>
      <tbody>
        {fields.map(({ field, before, after, isSecret }) => (
          <tr key={field}>
            <th scope="row">{field}</th>
            {!isAdded && <td>{isSecret ? <Quiet text={texts.secret} /> : <Value value={before} isBefore />}</td>}
            <td>
              {isSecret ? <Quiet text={isAdded ? texts.secret : texts.secretChanged} /> : <Value value={after} />}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const Quiet = ({ text }: { text: string }) => <span className="quiet">{text}</span>;

function Value({ value, isBefore = false }: { value: unknown; isBefore?: boolean }) {
  if (value === null || value === undefined) return <Quiet text={texts.notSet} />;
  const text = Array.isArray(value) ? value.map(printJson).join(', ') : printJson(value);
  return isBefore ? <del>{text}</del> : <ins>{text}</ins>;
}
