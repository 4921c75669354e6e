import { useQuery } from '@apollo/client/react';
import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { PlainTable } from '../../components/plain-table.tsx';
import { Failed, Skeleton } from '../../components/states.tsx';
import { faultsOf } from '../../data/faults.ts';
import { dayText, minuteTime } from '../../data/time.ts';
import { isAllowed, useViewer } from '../../data/viewer.ts';
import { ArchivedDaysDocument, type ArchivedDaysQuery } from '../../generated/history/graphql.ts';
import { daysWithin, hoursList, servicesWithout } from './archive-rules.ts';
import { SealDialog } from './seal-dialog.tsx';
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
      {all !== null && (
        <Days
          days={daysWithin(all.nodes, from, to)}
          zone={zone}
          isCut={all.pageInfo.hasNextPage}
          onSealed={() => void refetch()}
        />
      )}
    </section>
  );
}

function Days(props: { days: readonly Day[]; zone: string; isCut: boolean; onSealed: () => void }) {
  const { days, zone, isCut, onSealed } = props;
  const maySeal = isAllowed(useViewer(), ['estate:write']);
  const [sealing, setSealing] = useState<Day | null>(null);
  const open = days.filter(({ sealedAt }) => sealedAt === null);
  if (days.length === 0) return <p className="quiet">{own.none}</p>;
  const onSeal = maySeal ? setSealing : null;
  return (
    <>
      <p>{own.all(days.length - open.length, days.length)}</p>
      {isCut && <p className="quiet">{own.earlier(DAYS)}</p>}
      {open.length > 0 && <DayTable label={own.open} days={open} zone={zone} onSeal={onSeal} />}
      <details className="archive-all">
        <summary>{own.list}</summary>
        <DayTable label={own.list} days={days} zone={zone} onSeal={null} />
      </details>
      {sealing !== null && (
        <SealDialog
          day={sealing.day}
          without={servicesWithout(sealing)}
          onClose={() => setSealing(null)}
          onSealed={onSealed}
        />
      )}
    </>
  );
}

function DayTable(props: { label: string; days: readonly Day[]; zone: string; onSeal: ((day: Day) => void) | null }) {
  const { label, days, zone, onSeal } = props;
  const isAnyOpen = days.some(({ sealedAt }) => sealedAt === null);
  return (
    <PlainTable label={label} className="archive-days">
      <thead>
        <tr>
          <th scope="col">{own.columns.day}</th>
          <th scope="col">{own.columns.state}</th>
          <th scope="col" data-kind="number">
            {own.columns.samples}
          </th>
          {isAnyOpen && <th scope="col">{own.columns.why}</th>}
          <th scope="col">{own.columns.missing}</th>
          {onSeal !== null && <td />}
        </tr>
      </thead>
      <tbody>
        {days.map((day) => (
          <tr key={day.day}>
            <th scope="row" className="number">
              {dayText(day.day, 'UTC')}
            </th>
            <td className="archive-state" data-open={day.sealedAt === null || undefined}>
              {day.sealedAt === null ? own.notSealed : own.sealed(minuteTime(day.sealedAt, zone))}
            </td>
            <td data-kind="number">{day.samples.toLocaleString('en')}</td>
            {isAnyOpen && (
              <td>
                {day.notSealedBecause.map((why) => (
                  <p key={why}>{why}</p>
                ))}
              </td>
            )}
            <td className="number">
              {day.byService
                .filter(({ missingHours }) => missingHours.length > 0)
                .map(({ service, missingHours }) => (
                  <p key={service}>{own.missing(service, hoursList(missingHours))}</p>
                ))}
            </td>
            {onSeal !== null && (
              <td data-kind="number">
                <Button aria-label={own.seal.buttonOf(dayText(day.day, 'UTC'))} onPress={() => onSeal(day)}>
                  {own.seal.button}
                </Button>
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </PlainTable>
  );
}
