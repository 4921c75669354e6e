import type { ApolloClient } from '@apollo/client';
import { say } from '../../../components/toast.tsx';
import { faultsOf } from '../../../data/faults.ts';
import { SetManyDisplaysDocument } from '../../../generated/devices/graphql.ts';
import { createStore } from '../../../store.ts';
import { type BulkOutcome, type BulkValues, chunksOf, outcomeOf, SENDING, type Target } from './bulk-rules.ts';
import { texts } from './texts.ts';

/** Something that was asked of many displays, and what has become of each so far. It goes on whatever page is open. */
export type BulkRun = {
  id: string;
  deed: string;
  values: BulkValues;
  reason: string | null;
  targets: readonly Target[];
  outcomes: ReadonlyMap<string, BulkOutcome>;
  isDone: boolean;
  /** Why nothing is heard just now; null while all is well. */
  trouble: string | null;
};

/** The last one; null when there is none, or it was put away. */
export const bulkRun = createStore<BulkRun | null>(null);

/** The first answer comes soon, so that something is seen; later ones may wait for as long as the graph lets them. */
const FIRST_WAIT_MS = 1_000;
const LATER_WAIT_MS = 4_000;
const AGAIN_MS = 3_000;

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/**
 * Asks it of all of them and follows each to its end. The same request is sent until all outcomes are there: under its idempotency key
 * it makes each change once, and is answered with what has become of it.
 *
 * @returns when all have come to their end
 */
export async function runBulk(
  graph: ApolloClient,
  ask: { deed: string; values: BulkValues; targets: readonly Target[]; reason: string | null },
): Promise<void> {
  const { deed, values, targets, reason } = ask;
  const id = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
  const change = (next: (run: BulkRun) => BulkRun): void => {
    const run = bulkRun.get();
    // Put away, or another was begun: this one still goes on, and is seen no more.
    if (run?.id === id) bulkRun.set(next(run));
  };
  const all = new Map(targets.map((target): [string, BulkOutcome] => [target.id, SENDING]));
  bulkRun.set({ id, deed, values, reason, targets, outcomes: new Map(all), isDone: false, trouble: null });
  const learn = (outcomes: Iterable<readonly [string, BulkOutcome]>): void => {
    for (const [target, outcome] of outcomes) all.set(target, outcome);
    change((run) => ({ ...run, outcomes: new Map(all), trouble: null }));
  };

  const settle = async (ids: readonly string[], idempotencyKey: string): Promise<void> => {
    for (let waitMs = FIRST_WAIT_MS; ids.some((target) => all.get(target)?.state === 'SENDING'); ) {
      try {
        const { data } = await graph.mutate({
          mutation: SetManyDisplaysDocument,
          variables: { input: { ids, ...values, reason, idempotencyKey, waitMs } },
          fetchPolicy: 'no-cache',
        });
        const { results = [], userErrors = [] } = data?.setManyDisplaySettings ?? {};
        const message = userErrors.map((error) => error.message).join('; ');
        if (userErrors.length > 0) learn(ids.map((target) => [target, { state: 'REFUSED', detail: message }]));
        learn(results.map((result) => [result.id, outcomeOf(result)]));
        waitMs = LATER_WAIT_MS;
      } catch (err) {
        const [fault] = faultsOf(err);
        if (fault?.kind === 'refused')
          return learn(ids.map((target) => [target, { state: 'REFUSED', detail: fault.message }]));
        change((run) => ({ ...run, trouble: fault?.message ?? String(err) }));
        await pause(AGAIN_MS);
      }
    }
  };
  const ids = targets.map((target) => target.id);
  // All at once: what was accepted goes on by itself, also when the window is closed.
  await Promise.all(chunksOf(ids).map((chunk, index) => settle(chunk, `console ${id} ${index}`)));
  change((run) => ({ ...run, isDone: true }));
  const applied = [...all.values()].filter(({ state }) => state === 'APPLIED').length;
  say(applied === targets.length ? 'done' : 'failed', texts.run.done(deed, applied, targets.length));
}
