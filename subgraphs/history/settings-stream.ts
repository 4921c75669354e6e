import type { LogBatch } from '@wheelhouse/kit/live-log.ts';
import { isOpen } from '@wheelhouse/kit/settings-changes.ts';
import { StateStream } from '@wheelhouse/kit/state-stream.ts';
import { GraphQLError } from 'graphql';
import { newestFirst, type SettingsChangeRow, type SettingsEventRow } from './store/settings.ts';

/** What a stream ends with that is to go on and can't, as when the service stops: whoever follows it asks again. */
const interrupted = (): GraphQLError =>
  new GraphQLError('The stream was interrupted: subscribe again, it begins with the state', {
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

/** How many changes a device's stream begins with; as many may wait for who reads it. */
export const LATEST_CHANGES = 50;

/** What is told of a device's changes of settings: the latest that there are, or those that came to another state since. */
export type DeviceSettingsEvent = { complete: boolean; changes: readonly SettingsChangeRow[] };

/**
 * A device's changes of settings as a state: first the latest, and then what becomes of them and which ones are made. Who reads slowly gets
 * several in one event, each as it is by then.
 *
 * @param logs the events of each source from right after `latest` on
 * @param refusal why the subscriber may not be told any more; null while it may. Asked when there is something to tell
 */
export function streamOfSubject(
  subject: string,
  {
    latest,
    logs,
  }: { latest: readonly SettingsChangeRow[]; logs: readonly AsyncIterableIterator<LogBatch<SettingsEventRow>>[] },
  refusal: () => Promise<Error | null>,
): StateStream<DeviceSettingsEvent> {
  let hasBegun = false;
  const untold = new Map<string, SettingsChangeRow>();
  const stream = new StateStream<DeviceSettingsEvent>({
    take: () => {
      if (!hasBegun) {
        hasBegun = true;
        return { complete: true, changes: latest };
      }
      if (untold.size === 0) return null;
      const changes = newestFirst([...untold.values()]);
      untold.clear();
      return { complete: false, changes };
    },
    left: () => {
      for (const log of logs) void log.return?.();
    },
  });
  const pump = async (log: AsyncIterableIterator<LogBatch<SettingsEventRow>>): Promise<void> => {
    for await (const { rows } of log) {
      // Nobody outside can tell SENDING from PENDING.
      const own = rows.filter(({ state, change }) => change.subject === subject && state !== 'SENDING');
      if (own.length === 0) continue;
      const refused = await refusal();
      if (refused !== null) throw refused;
      for (const { change } of own) untold.set(change.id, change);
      // Begun again it has the latest: what is kept for who does not read is bounded.
      if (untold.size > LATEST_CHANGES) throw interrupted();
      stream.changed();
    }
    throw interrupted();
  };
  for (const log of logs)
    pump(log).catch((err: unknown) => stream.fail(err instanceof Error ? err : new Error(String(err))));
  return stream;
}
