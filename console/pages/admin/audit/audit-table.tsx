import { Ban, ChevronDown, ChevronRight } from 'lucide-react';
import { Fragment, useState } from 'react';
import '../../../components/data-table.css';
import { exactInBoth, exactTime, viewerZone } from '../../../data/time.ts';
import { useSites, zoneOf } from '../../../data/use-sites.ts';
import { AuditDetails } from './audit-details.tsx';
import { type AuditAddress, type AuditRecord, refusedTimes, subjectOf } from './audit-rules.ts';
import { texts } from './texts.ts';

const COLUMNS = 5;

/** A page of the log; each record opens to what was there before and is since. */
export function AuditTable(props: {
  records: readonly AuditRecord[];
  /** Of what concerns no site. */
  zone: string;
  onNarrow: (change: Partial<Omit<AuditAddress, 'after'>>) => void;
}) {
  const { records, zone: common, onNarrow } = props;
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const sites = useSites();
  const own = viewerZone();
  const zoneAt = ({ site }: AuditRecord): string => (site === null ? common : zoneOf(sites, site));
  const isOfSeveral = records.some((record) => zoneAt(record) !== common);
  const toggle = (id: string): void =>
    setOpen((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  return (
    <section
      className="data-table audit-table"
      data-zones={isOfSeveral ? 'several' : 'one'}
      aria-label={texts.table}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard (WCAG 2.1.1)
      tabIndex={0}
    >
      <table>
        <thead>
          <tr>
            <th scope="col">{texts.columns.at}</th>
            <th scope="col">{texts.columns.action}</th>
            <th scope="col">{texts.columns.actor}</th>
            <th scope="col" data-wide-only>
              {texts.columns.target}
            </th>
            <th scope="col" data-wide-only>
              {texts.columns.site}
            </th>
          </tr>
        </thead>
        <tbody>
          {records.map((record) => {
            const zone = zoneAt(record);
            const at = exactTime(record.at, zone);
            const isOpen = open.has(record.id);
            return (
              <Fragment key={record.id}>
                <tr>
                  <th scope="row">
                    <button
                      type="button"
                      className="audit-open"
                      aria-expanded={isOpen}
                      aria-label={texts.open(record.action, at)}
                      title={exactInBoth(record.at, zone, own)}
                      onClick={() => toggle(record.id)}
                    >
                      {isOpen ? <ChevronDown aria-hidden="true" /> : <ChevronRight aria-hidden="true" />}
                      <time className="number" dateTime={record.at}>
                        {at}
                      </time>
                      {isOfSeveral && <span className="quiet">{zone}</span>}
                    </button>
                  </th>
                  <td title={record.action}>
                    {record.action}
                    <Refusals times={refusedTimes(record)} />
                  </td>
                  <td title={record.actor}>{record.actor}</td>
                  <td data-wide-only title={record.target ?? undefined}>
                    {subjectOf(record)}
                  </td>
                  <td data-wide-only title={record.site ?? undefined}>
                    {record.site}
                  </td>
                </tr>
                {isOpen && (
                  <tr className="audit-details">
                    <td colSpan={COLUMNS}>
                      <AuditDetails record={record} zone={zone} onNarrow={onNarrow} />
                    </td>
                  </tr>
                )}
              </Fragment>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

/** The mark of what was refused, with how often. */
const Refusals = ({ times }: { times: number }) =>
  times > 0 && (
    <span className="audit-refused">
      <Ban size={14} aria-hidden="true" /> {times > 1 ? texts.refusedTimes(times) : texts.refused}
    </span>
  );
