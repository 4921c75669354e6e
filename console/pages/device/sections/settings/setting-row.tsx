import type { ReactNode } from 'react';
import type { SettingName } from './draft-rules.ts';
import { texts } from './texts.ts';

/** A setting: what it is called, whether it is edited and what it is now, its field, and what became of its last change. */
export function SettingRow(props: {
  name: SettingName;
  /** What it is at present, in words, where the field shows something else. */
  present: string | null;
  isEdited: boolean;
  children: ReactNode;
  outcome?: ReactNode;
}) {
  const { name, present, isEdited, children, outcome } = props;
  return (
    <div className="setting" data-setting={name} data-edited={isEdited || undefined}>
      <div className="setting-name">
        <h3 id={`setting-${name}`}>{texts.names[name]}</h3>
        {isEdited && <span className="setting-edited">{texts.edited}</span>}
        {isEdited && present !== null && <span className="quiet">{texts.was(present)}</span>}
      </div>
      <div className="setting-field">{children}</div>
      {outcome}
    </div>
  );
}
