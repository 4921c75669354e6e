import { Button } from '../../components/button.tsx';
import { Select } from '../../components/select.tsx';
import { texts } from './texts.ts';
import { COUNTINGS, type Counting, KINDS, USUAL } from './view-rules.ts';

const own = texts.counting;

/** How availability is counted, told in a sentence, and chosen below it. */
export function CountingOptions({ counting, onChange }: { counting: Counting; onChange: (next: Counting) => void }) {
  const options = COUNTINGS.map((value) => ({ value, text: own.options[value] }));
  const isUsual = KINDS.every((kind) => counting[kind] === USUAL[kind]);
  return (
    <details className="counting">
      <summary>
        <span className="counting-title">{own.title}</span>{' '}
        <span className="quiet">
          {own.words(own.verbs[counting.degraded], own.verbs[counting.unknown], own.verbs[counting.blind])}
        </span>
      </summary>
      <div className="counting-kinds">
        {KINDS.map((kind) => (
          <div key={kind}>
            <Select
              label={own.kinds[kind]}
              value={counting[kind]}
              options={options}
              onChange={(chosen) => onChange({ ...counting, [kind]: chosen })}
            />
            <p className="field-hint">{own.hints[kind]}</p>
          </div>
        ))}
        {!isUsual && <Button onPress={() => onChange(USUAL)}>{own.reset}</Button>}
      </div>
    </details>
  );
}
