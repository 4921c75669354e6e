import { type ExecutionArgs, type ExecutionResult, execute } from 'graphql';
import { LogStream, type Step } from './resumable.ts';

/**
 * A stream in which `map` was applied to each item, one after the other. When the source or `map` fails, it ends
 * with what `failureOf` makes of the error, and lets go of the source. An explicit iterator: a generator would see `return()` only after one more item.
 */
export function mapStream<Item, Result extends object>(
  source: AsyncIterator<Item>,
  map: (item: Item) => Result | Promise<Result>,
  failureOf: (err: unknown) => Error,
): AsyncIterableIterator<Result> {
  let ended = false;
  const next = async (): Promise<IteratorResult<Result>> => {
    try {
      const item = ended ? undefined : await source.next();
      if (item !== undefined && !item.done && !ended) {
        const mapped = map(item.value);
        // Most events are executed without waiting for anything: those should not wait for a turn either.
        const value = mapped instanceof Promise ? await mapped : mapped;
        if (!ended) return { value, done: false };
      }
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

/**
 * What a subscriber is sent for what its source yields. With `isResumable`, where the source is a log, each result has the
 * event's `cursor` in its extensions, and marks come in between: results without data, with `caughtUp: true`.
 */
export function resultsOf(
  source: AsyncIterable<unknown>,
  args: ExecutionArgs,
  options: { isResumable: boolean; failureOf: (err: unknown) => Error },
): AsyncIterableIterator<ExecutionResult> {
  const run = (rootValue: unknown) => execute({ ...args, rootValue });
  if (!options.isResumable || !(source instanceof LogStream))
    return mapStream(source[Symbol.asyncIterator](), run, options.failureOf);
  return mapStream<Step<unknown>, ExecutionResult>(
    source.steps(),
    ({ event, cursor }) => {
      if (event === null) return { extensions: { cursor, caughtUp: true } };
      const withCursor = (result: ExecutionResult) => ({ ...result, extensions: { cursor } });
      const result = run(event);
      return result instanceof Promise ? result.then(withCursor) : withCursor(result);
    },
    options.failureOf,
  );
}
