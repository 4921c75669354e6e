import { useApolloClient } from '@apollo/client/react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { say } from '../../../components/toast.tsx';
import { faultsOf } from '../../../data/faults.ts';
import { MoreDifferencesDocument } from '../../../generated/admin/graphql.ts';
import { type DifferenceView, filterOf, isWhole, type Plan, WHOLE } from './import-rules.ts';

/** What is typed is asked for after so long without another key. */
const PAUSE_MS = 300;

/** The differences of a plan that match, as far as they are here; further pages come when they are asked for. `onGone`: the plan is over. */
export function useDifferences(
  plan: Plan,
  onGone: () => void,
): {
  view: DifferenceView;
  setView: (view: DifferenceView) => void;
  page: Plan['differences'];
  /** Whether the last question failed: nothing more is asked for by itself. */
  hasFailed: boolean;
  more: () => void;
} {
  const client = useApolloClient();
  const { id } = plan;
  const [view, setView] = useState<DifferenceView>(WHOLE);
  const [page, setPage] = useState(plan.differences);
  const [hasFailed, setFailed] = useState(false);
  const isAsking = useRef(false);
  // What was asked for another view is not wanted any more when it comes.
  const turn = useRef(0);

  const ask = useCallback(
    async (wanted: DifferenceView, before: Plan['differences'] | null): Promise<void> => {
      if (id === null) return;
      const own = turn.current;
      isAsking.current = true;
      const variables = { id, filter: filterOf(wanted), after: before?.pageInfo.endCursor ?? null };
      const { data, error } = await client
        .query({ query: MoreDifferencesDocument, variables, fetchPolicy: 'no-cache' })
        .catch((err: unknown) => ({ data: undefined, error: err }));
      if (own !== turn.current) return;
      isAsking.current = false;
      const next = data?.estateImportPlan?.differences;
      setFailed(next === undefined && error !== undefined);
      if (next !== undefined) setPage({ ...next, nodes: [...(before?.nodes ?? []), ...next.nodes] });
      else if (error === undefined) onGone();
      else
        say(
          'failed',
          faultsOf(error)
            .map(({ message }) => message)
            .join('; '),
        );
    },
    [client, id, onGone],
  );

  const isFirst = useRef(true);
  useEffect(() => {
    // The first page came with the plan.
    if (isFirst.current && isWhole(view)) return;
    isFirst.current = false;
    turn.current += 1;
    isAsking.current = false;
    const timer = setTimeout(() => void ask(view, null), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [ask, view]);

  const more = useCallback(() => {
    if (!isAsking.current && page.pageInfo.hasNextPage) void ask(view, page);
  }, [ask, view, page]);

  return { view, setView, page, hasFailed, more };
}
