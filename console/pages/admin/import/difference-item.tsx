import { printJson } from '../audit/json-diff.ts';
import { type Difference, nameOf } from './import-rules.ts';
import { texts } from './texts.ts';

/** One device or site that an import would add or change, field by field. */
export function DifferenceItem({ difference }: { difference: Difference }) {
  const { kind, site, line, fields } = difference;
  const name = nameOf(difference);
  const isAdded = kind === 'DEVICE_ADDED';
  return (
    <details className="difference" open={!isAdded}>
      <summary>
        <span className="difference-kind" data-kind={kind}>
          {texts.kind[kind]}
        </span>
        <strong>{name}</strong>
        {name !== site && <span className="quiet">{site}</span>}
        <span className="quiet number">{texts.line(line)}</span>
      </summary>
      <table className="diff" aria-label={texts.fieldsOf(name)}>
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
    </details>
  );
}

const Quiet = ({ text }: { text: string }) => <span className="quiet">{text}</span>;

function Value({ value, isBefore = false }: { value: unknown; isBefore?: boolean }) {
  if (value === null || value === undefined) return <Quiet text={texts.notSet} />;
  const text = Array.isArray(value) ? value.map(printJson).join(', ') : printJson(value);
  return isBefore ? <del>{text}</del> : <ins>{text}</ins>;
}
