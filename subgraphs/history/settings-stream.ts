import type { LogBatch } from '@wheelhouse/kit/live-log.ts';
import { isOpen } from '@wheelhouse/kit/settings-changes.ts';
import { GraphQLError } from 'graphql';
import type { SettingsChangeRow, SettingsEventRow } from './store/settings.ts';

/** What a stream ends with when the service stops before the change has come to its end: whoever follows it asks again. */
const interrupted = (): GraphQLError =>
  new GraphQLError('The service is stopping: subscribe again, the stream begins with the state', {
    extensions: { code: 'SUBGRAPH_UNAVAILABLE' },
  });

/**
 * A change of settings with each state that it comes to: first as it is, and last with its end. What nobody outside can tell apart
 * (PENDING and SENDING) is told once. An explicit iterator: a generator would see `return()` only after one more batch.
 *
 * @param follow the events of its log from right after `first` on; asked for only when there are any to come
 */
export function streamOfChange(
  first: SettingsChangeRow,
  follow: () => AsyncIterableIterator<LogBatch<SettingsEventRow>>,
): AsyncIterableIterator<SettingsChangeRow> {
  let hasBegun = false;
  let ended = false;
  let batches: AsyncIterableIterator<LogBatch<SettingsEventRow>> | null = null;

  /** The end of the change, when it comes: all that can follow an open one. */
  const nextEnd = async (): Promise<SettingsChangeRow | null> => {
    batches ??= follow();
    for (;;) {
      const { value, done } = await batches.next();
      if (ended) return null;
      if (done) throw interrupted();
      const end = value.rows.find(({ state, change }) => change.id === first.id && !isOpen(state));
      if (end !== undefined) return { ...end.change, state: end.state };
    }
  };
  const finish = async (): Promise<{ value: undefined; done: true }> => {
    if (!ended) {
      ended = true;
      await batches?.return?.();
    }
    return { value: undefined, done: true };
  };
  return {
    async next() {
      if (ended) return finish();
      if (!hasBegun) {
        hasBegun = true;
        return { value: first, done: false };
      }
      const end = isOpen(first.state) ? await nextEnd() : null;
      await finish();
      return end === null ? { value: undefined, done: true } : { value: end, done: false };
    },
    return: finish,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
