import '../../../../components/plain-table.css';
import { CircleAlert, CircleCheck, CircleSlash, Clock, FileText, type LucideIcon, Unplug } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../../../components/button.tsx';
import { StatusShape } from '../../../../components/status-mark.tsx';
import { inStatusWords } from '../../../../components/status-rules.ts';
import { texts as shared } from '../../../../components/texts.ts';
import { clockTime, exactInBoth, viewerZone } from '../../../../data/time.ts';
import { settingWords } from '../../value-words.ts';
import { texts } from './texts.ts';
import { type Change, type Event, settingRows } from './timeline-rules.ts';

const STATE_ICONS: { [State in Change['state']]: LucideIcon } = {
  PENDING: Clock,
  APPLIED: CircleCheck,
  MISMATCH: CircleAlert,
  UNREACHABLE: Unplug,
  REJECTED: CircleSlash,
  SUPERSEDED: CircleSlash,
  PLANNED: Clock,
};

type EventProps = { event: Event; zone: string; undoOf: (change: Change) => (() => void) | null };

/** Something that happened: when, what, who and why. */
export function EventItem({ event, zone, undoOf }: EventProps) {
  const { at, kind, what, actor, reason, status, settingsChange } = event;
  if (kind === 'SETTINGS' && settingsChange)
    return <SettingsItem change={settingsChange} at={at} zone={zone} onUndo={undoOf(settingsChange)} />;
  return (
    <Item
      at={at}
      zone={zone}
      mark={status === null ? <FileText size={16} aria-hidden="true" /> : <StatusShape status={status} />}
    >
      <p className="timeline-what">
        <span className="visually-hidden">{status === null ? texts.registry : texts.status}: </span>
        {status === null ? what : inStatusWords(what, shared.status)}
        {actor !== null && <span className="quiet"> {texts.by(actor)}</span>}
      </p>
      {reason !== null && <p className="quiet">{reason}</p>}
    </Item>
  );
}

type SettingsProps = { change: Change; at: string; zone: string; onUndo: (() => void) | null };

/** A change of settings: who asked for what and why, what was before, and what was read back. */
export function SettingsItem({ change, at, zone, onUndo }: SettingsProps) {
  const { state, requestedBy, reason, detail, undoes } = change;
  const Icon = STATE_ICONS[state];
  return (
    <Item
      at={at}
      zone={zone}
      mark={<Icon className="timeline-state" data-state={state} size={16} aria-hidden="true" />}
    >
      <p className="timeline-what">
        <span className="visually-hidden">{texts.settings}: </span>
        <span className="timeline-state" data-state={state}>
          {texts.states[state]}
        </span>
        <span className="quiet">
          {' '}
          {texts.by(requestedBy)}
          {undoes !== null && `, ${texts.takesBack}`}
        </span>
      </p>
      {reason !== null && <p>{texts.why(reason)}</p>}
      {/* What was read back otherwise stands in the table, in words. */}
      {detail !== null && state !== 'MISMATCH' && <p className="quiet">{detail}</p>}
      <SettingsTable change={change} />
      {onUndo !== null && (
        <p>
          <Button
            aria-label={texts.undo.actionOf(
              settingRows(change)
                .map(({ name }) => settingWords(name))
                .join(', '),
            )}
            onPress={onUndo}
          >
            {texts.undo.action}
          </Button>
        </p>
      )}
    </Item>
  );
}

const SettingsTable = ({ change }: { change: Change }) => (
  <table className="plain-table timeline-settings">
    <thead>
      <tr>
        {Object.entries(texts.columns).map(([key, title]) => (
          <th key={key} scope="col">
            {title}
          </th>
        ))}
      </tr>
    </thead>
    <tbody>
      {settingRows(change).map(({ name, before, wanted, readBack, differs }) => (
        <tr key={name}>
          <th scope="row">{settingWords(name)}</th>
          <td data-label={texts.columns.before}>{before ?? <NotKnown />}</td>
          <td data-label={texts.columns.wanted}>{wanted}</td>
          <td data-label={texts.columns.readBack} data-differs={differs || undefined}>
            {readBack ?? <NotKnown />}
            {differs && <span className="visually-hidden"> ({texts.differs})</span>}
          </td>
        </tr>
      ))}
    </tbody>
  </table>
);

const NotKnown = () => <span className="quiet">{texts.notKnown}</span>;

const Item = ({ at, zone, mark, children }: { at: string; zone: string; mark: ReactNode; children: ReactNode }) => (
  <li className="timeline-event">
    <time className="number" dateTime={at} title={exactInBoth(at, zone, viewerZone())}>
      {clockTime(at, zone)}
    </time>
    <span className="timeline-mark">{mark}</span>
    <div className="timeline-body">{children}</div>
  </li>
);
