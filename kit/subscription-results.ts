import { type ExecutionArgs, type ExecutionResult, execute } from 'graphql';
import { LogStream, type Step } from './resumable.ts';
import { STATE_CURSOR, StateStream } from './state-stream.ts';

/** Small enough that what is fetched with an event is still the present when it is sent. */
const MAX_AHEAD = 100;

/** A source that may have more at hand than it was asked for: `ready` gives the next item without waiting, or null. */
type Source<Item> = AsyncIterator<Item> & { ready?: () => Item | null };

/**
 * A stream in which `map` was applied to each item, in order. Where `map` waits for something, the items that are ready are mapped
 * at the same time, so that loaders fetch for all of them at once. When the source or `map` fails, it ends with what `failureOf`
 * makes of the error, and lets go of the source. An explicit iterator: a generator would see `return()` only after one more item.
 */
export function mapStream<Item, Result extends object>(
  source: Source<Item>,
  map: (item: Item) => Result | Promise<Result>,
  failureOf: (err: unknown) => Error,
): AsyncIterableIterator<Result> {
  let ended = false;
  const ahead: Promise<Result>[] = [];
  const mapReady = (): void => {
    while (source.ready !== undefined && ahead.length < MAX_AHEAD) {
      const item = source.ready();
      if (item === null) return;
      const mapped = (async () => map(item))();
      // Its turn comes later, and may never come.
      mapped.catch(() => {});
      ahead.push(mapped);
    }
  };
  /** The next result, or null when there is none. */
  const nextResult = async (): Promise<Result | null> => {
    const started = ahead.shift();
    if (started !== undefined) return started;
    const item = await source.next();
    if (item.done || ended) return null;
    const mapped = map(item.value);
    if (mapped instanceof Promise) mapReady();
    return mapped;
  };
  const next = async (): Promise<IteratorResult<Result>> => {
    try {
      const value = ended ? null : await nextResult();
      if (value !== null && !ended) return { value, done: false };
      ended = true;
      return { value: undefined, done: true };
    } catch (err) {
      ended = true;
      // Not waited for: a source that failed may never answer.
      source.return?.().catch(() => {});
      throw failureOf(err);
    }
  };
  return {
    next,
    async return() {
      ended = true;
      await source.return?.();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** A result that says in its extensions where it stands. */
function at(cursor: string, result: ReturnType<typeof execute>): ReturnType<typeof execute> {
  const placed = (done: ExecutionResult): ExecutionResult => ({ ...done, extensions: { cursor } });
  return result instanceof Promise ? result.then(placed) : placed(result as ExecutionResult);
}

/**
 * What a subscriber is sent for what its source yields. With `isResumable`, where the source is a log, each result has the
 * event's `cursor` in its extensions, and marks come in between: results without data, with `caughtUp: true`. Where it is a state,
 * each result has the one cursor that states have.
 */
export function resultsOf(
  source: AsyncIterable<unknown>,
  args: ExecutionArgs,
  options: { isResumable: boolean; failureOf: (err: unknown) => Error },
): AsyncIterableIterator<ExecutionResult> {
  const run = (rootValue: unknown) => execute({ ...args, rootValue });
  if (options.isResumable && source instanceof StateStream)
    return mapStream<unknown, ExecutionResult>(source, (event) => at(STATE_CURSOR, run(event)), options.failureOf);
  if (!(source instanceof LogStream)) return mapStream(source[Symbol.asyncIterator](), run, options.failureOf);
  if (!options.isResumable) return mapStream(source, run, options.failureOf);
  return mapStream<Step<unknown>, ExecutionResult>(
    source.steps(),
    ({ event, cursor }) => {
      if (event === null) return { extensions: { cursor, caughtUp: true } };
      return at(cursor, run(event));
    },
    options.failureOf,
  );
}
