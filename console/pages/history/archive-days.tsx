import { useQuery } from '@apollo/client/react';
import { Failed, Skeleton } from '../../components/states.tsx';
import { faultsOf } from '../../data/faults.ts';
import { exactTime } from '../../data/time.ts';
import { ArchivedDaysDocument, type ArchivedDaysQuery } from '../../generated/history/graphql.ts';
import { daysWithin, hoursList } from './archive-rules.ts';
import { texts } from './texts.ts';

type Day = NonNullable<ArchivedDaysQuery['archivedDays']>['nodes'][number];

const own = texts.archive;
/** As long as an export may be, and as one question can be answered with little. */
const DAYS = 400;

/** Which days of a range are in the archive for good, and why the others are not. */
export function ArchiveDays({ from, to, zone }: { from: Date; to: Date; zone: string }) {
  const { data, error, refetch } = useQuery(ArchivedDaysDocument, {
    variables: { first: DAYS },
    fetchPolicy: 'no-cache',
  });
  const faults = faultsOf(error);
  const all = data?.archivedDays ?? null;
  return (
    <section className="archive" aria-labelledby="archive-title">
      <h2 id="archive-title">{own.title}</h2>
      {faults.some(({ kind }) => kind === 'refused') && <p className="quiet">{own.everywhere}</p>}
      {faults.some(({ kind }) => kind !== 'refused') && <Failed faults={faults} onAgain={() => void refetch()} />}
      {all === null && faults.length === 0 && <Skeleton lines={2} />}
      {all !== null && <Days days={daysWithin(all.nodes, from, to)} zone={zone} isCut={all.pageInfo.hasNextPage} />}
    </section>
  );
}

function Days({ days, zone, isCut }: { days: readonly Day[]; zone: string; isCut: boolean }) {
  const open = days.filter(({ sealedAt }) => sealedAt === null);
  if (days.length === 0) return <p className="quiet">{own.none}</p>;
  return (
    <>
      <p>{own.all(days.length - open.length, days.length)}</p>
      {isCut && <p className="quiet">{own.earlier(DAYS)}</p>}
      {open.length > 0 && <DayTable label={own.open} days={open} zone={zone} />}
      <details>
        <summary>{own.list}</summary>
        <DayTable label={own.list} days={days} zone={zone} />
      </details>
    </>
  );
}

const DayTable = ({ label, days, zone }: { label: string; days: readonly Day[]; zone: string }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard (WCAG 2.1.1)
  <section className="archive-days" aria-label={label} tabIndex={0}>
    <table>
      <thead>
        <tr>
          <th scope="col">{own.columns.day}</th>
          <th scope="col">{own.columns.state}</th>
          <th scope="col" data-kind="number">
            {own.columns.samples}
          </th>
          <th scope="col">{own.columns.why}</th>
          <th scope="col">{own.columns.missing}</th>
        </tr>
      </thead>
      <tbody>
        {days.map(({ day, sealedAt, samples, notSealedBecause, byService }) => (
          <tr key={day}>
            <th scope="row" className="number">
              {day}
            </th>
            <td data-open={sealedAt === null || undefined}>
              {sealedAt === null ? own.notSealed : own.sealed(exactTime(sealedAt, zone))}
            </td>
            <td data-kind="number">{samples.toLocaleString('en')}</td>
            <td>
              {notSealedBecause.map((why) => (
                <p key={why}>{why}</p>
              ))}
            </td>
            <td className="number">
              {byService
                .filter(({ missingHours }) => missingHours.length > 0)
                .map(({ service, missingHours }) => (
                  <p key={service}>{own.missing(service, hoursList(missingHours))}</p>
                ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </section>
);
