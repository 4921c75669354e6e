import { encodeCursor, readCursor } from '@wheelhouse/kit/cursor-log.ts';
import { UpstreamLostError, type UpstreamSink } from '../subscriptions/upstream.ts';

const EPOCH = 'ab12cd34';
const PORTION = 7;

/** Position as a cursor, and back. */
export const cursorAt = (position: number): string => encodeCursor(EPOCH, position);
export const positionOf = (cursor: string): number => readCursor(cursor)?.position ?? -1;

/**
 * A log in memory behind the function by which the hub opens upstreams: it sends as docs/decisions/0013 says, in portions, each in
 * a turn of its own. Every third row matches nobody.
 */
export function aLog(): {
  open: (after: string | null, sink: UpstreamSink) => () => void;
  append: (count?: number) => void;
  /** Breaks every upstream. */
  drop: () => void;
  head: () => number;
  /** Upstreams that are open. */
  opened: () => number;
  /** How many have ever been opened. */
  everOpened: () => number;
} {
  let head = 0;
  let everOpened = 0;
  const streams = new Set<{ wake: () => void; sink: UpstreamSink }>();
  const open = (after: string | null, sink: UpstreamSink): (() => void) => {
    everOpened += 1;
    let position = after === null ? head : positionOf(after);
    let isFirst = true;
    let timer: NodeJS.Immediate | null = null;
    const send = (): void => {
      timer = null;
      const end = Math.min(head, position + PORTION);
      const isMarked = end === head && (isFirst || end % 3 === 0);
      while (position < end && streams.has(stream)) {
        position += 1;
        if (position % 3 !== 0) sink.event({ data: { changed: { cursor: cursorAt(position) } } }, cursorAt(position));
      }
      if (!streams.has(stream)) return;
      if (isMarked) {
        isFirst = false;
        sink.caughtUp(cursorAt(position));
      }
      if (position < head) stream.wake();
    };
    const stream = {
      wake: () => {
        timer ??= setImmediate(send);
      },
      sink,
    };
    streams.add(stream);
    stream.wake();
    return () => {
      streams.delete(stream);
      if (timer !== null) clearImmediate(timer);
    };
  };
  return {
    open,
    append: (count = 1) => {
      head += count;
      for (const { wake } of streams) wake();
    },
    drop: () => {
      const broken = [...streams];
      streams.clear();
      for (const { sink } of broken) sink.end(new UpstreamLostError('log'));
    },
    head: () => head,
    opened: () => streams.size,
    everOpened: () => everOpened,
  };
}

/** The positions behind `after` that match. */
export const matching = (after: number, upTo: number): number[] =>
  Array.from({ length: Math.max(0, upTo - after) }, (_, index) => after + index + 1).filter(
    (position) => position % 3 !== 0,
  );
