import { useState } from 'react';
import { Form } from 'react-aria-components';
import { Button } from '../../../components/button.tsx';
import { viewerZone } from '../../../data/time.ts';
import { type AuditAddress, fromLocalInput, isNarrowed, toLocalInput } from './audit-rules.ts';
import { texts } from './texts.ts';

/** What narrows the log; it counts once it is sent, since each is another search over all of the past. */
export function AuditFilters(props: {
  address: AuditAddress;
  onNarrow: (change: Partial<Omit<AuditAddress, 'after'>>) => void;
}) {
  const { address, onNarrow } = props;
  const [draft, setDraft] = useState(() => ({
    ...{ actor: address.actor, action: address.action, target: address.target },
    ...{ from: toLocalInput(address.from), to: toLocalInput(address.to) },
  }));
  const field = (name: keyof typeof draft, type: 'text' | 'datetime-local', hint?: string) => (
    <label className="audit-filter">
      {texts[name]}
      <input
        className="input"
        type={type}
        value={draft[name]}
        placeholder={hint}
        title={hint}
        onChange={({ target }) => setDraft({ ...draft, [name]: target.value })}
      />
    </label>
  );
  return (
    <search>
      <Form
        className="audit-filters"
        aria-label={texts.filters}
        onSubmit={(event) => {
          event.preventDefault();
          const { actor, action, target, from, to } = draft;
          onNarrow({
            ...{ actor: actor.trim(), action: action.trim(), target: target.trim() },
            ...{ from: fromLocalInput(from), to: fromLocalInput(to) },
          });
        }}
      >
        {field('actor', 'text')}
        {field('action', 'text', texts.actionHint)}
        {field('target', 'text')}
        {field('from', 'datetime-local')}
        {field('to', 'datetime-local')}
        <div className="audit-buttons">
          <Button type="submit">{texts.show}</Button>
          {isNarrowed(address) && (
            <Button
              kind="plain"
              onPress={() => onNarrow({ actor: '', action: '', target: '', site: null, from: null, to: null })}
            >
              {texts.clear}
            </Button>
          )}
        </div>
      </Form>
      <p className="field-hint">{texts.zone(viewerZone())}</p>
    </search>
  );
}
