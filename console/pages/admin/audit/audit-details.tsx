import { Button } from '../../../components/button.tsx';
import { exactInBoth, viewerZone } from '../../../data/time.ts';
import { type AuditAddress, type AuditRecord, isRefused } from './audit-rules.ts';
import { type JsonChange, jsonChanges } from './json-diff.ts';
import { texts } from './texts.ts';

/** What a record tells besides its line: why, from where, and the difference that was made. */
export function AuditDetails(props: {
  record: AuditRecord;
  /** The zone of its site, or of all that has none. */
  zone: string;
  onNarrow: (change: Partial<Omit<AuditAddress, 'after'>>) => void;
}) {
  const { record, zone, onNarrow } = props;
  const timeOf = (at: string): string => exactInBoth(at, zone, viewerZone());
  const { actor, action, target, site, reason, origin } = record;
  const changes = jsonChanges(record.before, record.after);
  // Of what was refused nothing became another: what is told of it stands among the facts.
  const told = isRefused(action) ? changes.filter(({ kind }) => kind === 'ADDED') : [];
  const facts: [term: string, text: string][] = [
    [texts.facts.at, timeOf(record.at)],
    [texts.facts.actor, actor],
    ...(target === null ? [] : [[texts.facts.target, target] satisfies [string, string]]),
    [texts.facts.reason, reason ?? texts.noReason],
    [texts.facts.origin, origin ?? texts.noOrigin],
    ...told.map(({ path, after }): [string, string] => [
      texts.told[path] ?? path,
      path === 'lastAt' && after !== null ? timeOf(after) : (after ?? ''),
    ]),
  ];
  return (
    <section aria-label={texts.detailsOf}>
      <dl className="facts">
        {facts.map(([term, text]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      {!isRefused(action) && <Changes changes={changes} />}
      <div className="audit-buttons">
        <Button onPress={() => onNarrow({ actor })}>{texts.onlyThis(actor)}</Button>
        <Button onPress={() => onNarrow({ action })}>{texts.onlyThis(action)}</Button>
        {target !== null && <Button onPress={() => onNarrow({ target })}>{texts.onlyThis(target)}</Button>}
        {site !== null && <Button onPress={() => onNarrow({ site })}>{texts.onlyThis(site)}</Button>}
      </div>
    </section>
  );
}

/** The difference, place by place; what stayed is counted. */
function Changes({ changes }: { changes: readonly JsonChange[] }) {
  if (changes.length === 0) return <p className="quiet">{texts.noChange}</p>;
  const shown = changes.filter(({ kind }) => kind !== 'SAME');
  const same = changes.length - shown.length;
  return (
    <>
      {shown.length > 0 && (
        <table className="diff" aria-label={texts.diff.table}>
          <thead>
            <tr>
              <th scope="col">{texts.diff.field}</th>
              <th scope="col">{texts.diff.change}</th>
              <th scope="col">{texts.diff.before}</th>
              <th scope="col">{texts.diff.after}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ path, kind, before, after }) => (
              <tr key={path} data-kind={kind}>
                <th scope="row">{path === '' ? texts.whole : path}</th>
                <td>{texts.change[kind]}</td>
                <td>{before === null ? <span className="quiet">{texts.nothing}</span> : <del>{before}</del>}</td>
                <td>{after === null ? <span className="quiet">{texts.nothing}</span> : <ins>{after}</ins>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {same > 0 && <p className="quiet">{texts.unchanged(same)}</p>}
    </>
  );
}
