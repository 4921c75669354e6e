import { useQuery } from '@apollo/client/react';
import { Button } from '../../../../components/button.tsx';
import { Failed, Skeleton } from '../../../../components/states.tsx';
import { StatusShape } from '../../../../components/status-mark.tsx';
import { inStatusWords } from '../../../../components/status-rules.ts';
import { texts as shared } from '../../../../components/texts.ts';
import { faultsOf } from '../../../../data/faults.ts';
import { exactInBoth, exactTime, viewerZone } from '../../../../data/time.ts';
import { DeviceBetweenDocument } from '../../../../generated/device/sections/past/graphql.ts';
import { between } from './past-rules.ts';
import { texts } from './texts.ts';

/** What happened between two times, oldest first, page after page. */
export function Between({ id, one, other, zone }: { id: string; one: Date; other: Date; zone: string }) {
  const range = between(one, other);
  const { data, previousData, error, loading, refetch, fetchMore } = useQuery(DeviceBetweenDocument, {
    variables: { id, ...(range ?? { from: one.toISOString(), to: one.toISOString() }) },
    fetchPolicy: 'no-cache',
    skip: range === null,
  });
  if (range === null) return <p className="quiet">{texts.same}</p>;
  const changes = (data ?? previousData)?.device?.changes ?? null;
  const faults = faultsOf(error);
  const more = (): void =>
    void fetchMore({
      variables: { after: changes?.pageInfo.endCursor ?? null },
      updateQuery: (before, { fetchMoreResult }) => {
        const [known, next] = [before.device?.changes, fetchMoreResult.device?.changes];
        if (!before.device || !known || !next) return before;
        return {
          ...before,
          device: { ...before.device, changes: { ...next, edges: [...known.edges, ...next.edges] } },
        };
      },
    });
  return (
    <div className="past-between">
      <h3>{texts.between}</h3>
      {changes === null && faults.length === 0 && <Skeleton lines={3} />}
      {faults.length > 0 && <Failed faults={faults} onAgain={() => void refetch()} />}
      {changes?.edges.length === 0 && <p className="quiet">{texts.nothing}</p>}
      <ol>
        {changes?.edges.map(({ cursor, node: { at, what, actor, reason, status } }) => (
          <li key={cursor}>
            <time className="number quiet" dateTime={at} title={exactInBoth(at, zone, viewerZone())}>
              {exactTime(at, zone)}
            </time>{' '}
            {status !== null && <StatusShape status={status} />}{' '}
            {status === null ? what : inStatusWords(what, shared.status)}
            {actor !== null && <span className="quiet"> {texts.by(actor)}</span>}
            {reason !== null && <span className="quiet"> · {reason}</span>}
          </li>
        ))}
      </ol>
      {changes?.pageInfo.hasNextPage === true && (
        <p>
          <Button onPress={more} isPending={loading}>
            {texts.more}
          </Button>
        </p>
      )}
    </div>
  );
}
