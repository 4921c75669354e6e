import { useState } from 'react';
import { Form } from 'react-aria-components';
import { Button } from '../../../components/button.tsx';
import { LocalTimeField } from '../../../components/local-time-field.tsx';
import { fromLocal, toLocal } from '../../../data/zone-rules.ts';
import { type AuditAddress, isNarrowed, WHOLE } from './audit-rules.ts';
import { texts } from './texts.ts';

/** What narrows the log; it counts once it is sent, since each is another search over all of the past. @param props.zone in which times are filled in */
export function AuditFilters(props: {
  address: AuditAddress;
  zone: string;
  onNarrow: (change: Partial<Omit<AuditAddress, 'after'>>) => void;
}) {
  const { address, zone, onNarrow } = props;
  const localOf = (at: string | null): string => (at === null ? '' : toLocal(new Date(at), zone));
  const [draft, setDraft] = useState(() => ({
    ...{ actor: address.actor, action: address.action, target: address.target },
    ...{ from: localOf(address.from), to: localOf(address.to) },
  }));
  const filledIn = () => {
    const { actor, action, target, from, to } = draft;
    return {
      ...{ actor: actor.trim(), action: action.trim(), target: target.trim() },
      ...{ from: fromLocal(from, zone)?.toISOString() ?? null, to: fromLocal(to, zone)?.toISOString() ?? null },
    };
  };
  const word = (name: 'actor' | 'action' | 'target', example?: string) => (
    <label className="field">
      <span>{texts[name]}</span>
      <input
        className="input"
        value={draft[name]}
        placeholder={example}
        onChange={({ target }) => setDraft({ ...draft, [name]: target.value })}
      />
    </label>
  );
  const time = (name: 'from' | 'to') => (
    <LocalTimeField
      label={texts[name]}
      value={draft[name]}
      onChange={(value) => setDraft({ ...draft, [name]: value })}
    />
  );
  return (
    <search>
      <Form
        className="audit-filters"
        aria-label={texts.filters}
        onSubmit={(event) => {
          event.preventDefault();
          onNarrow(filledIn());
        }}
      >
        {word('actor')}
        {word('action', texts.actionExample)}
        {word('target')}
        {time('from')}
        {time('to')}
        <div className="audit-buttons">
          <Button type="submit">{texts.show}</Button>
          {isNarrowed(address) && (
            <Button kind="plain" onPress={() => onNarrow(WHOLE)}>
              {texts.clear}
            </Button>
          )}
          <label className="tick">
            <input
              type="checkbox"
              checked={address.refused}
              onChange={({ target: { checked } }) => onNarrow({ ...filledIn(), refused: checked })}
            />
            {texts.onlyRefused}
          </label>
          <p className="field-hint">{texts.zone(zone)}</p>
        </div>
      </Form>
    </search>
  );
}
