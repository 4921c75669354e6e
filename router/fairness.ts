import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { createTurns } from './turns.ts';
import { createUnderWay } from './under-way.ts';

/** What a millisecond of the thread is worth, all measured on one core: units of work of new texts and plans (see pipeline.ts), */
const WORK_PER_MS = 1_500;
/** bytes of a body that are gathered and parsed, */
const BYTES_PER_MS = 100_000;
/** and characters of what services answered, in one of two steps: to be parsed, and to be made one answer that is written again. */
const CHARACTERS_PER_MS_OF_STEP = 80_000;

/** Keeps what one caller may ask from keeping all others waiting. */
export type Fairness = {
  /** Waits until the caller may begin something; null where that is at once. */
  turn: (caller: string) => Promise<void> | null;
  /** Notes that a caller asks, and tells for how long it should not yet be heard. */
  restMs: (caller: string) => number;
  /** Waits until a large body of the caller may be read: one at a time. @returns tells that it was, and how large it turned out */
  enterBody: (caller: string) => Promise<(bytes: number) => void>;
  /** Waits until the caller may have an operation of this cost under way, besides what it has. @returns tells that it has ended */
  enter: (caller: string, cost: number, signal: AbortSignal) => Promise<() => void>;
  /** A message has been read that came by no request. */
  read: (caller: string, bytes: number) => void;
  /** A text was parsed, checked and weighed for planning. */
  prepared: (caller: string, work: number) => void;
  /** One step was taken with what services answered: waits until the caller may take the next. */
  letOthers: (caller: string, characters: number) => Promise<unknown>;
  /** Operations that wait for others of their caller to end. */
  waiting: () => number;
};

/** @param maxCostUnderWay of the operations that one caller has run at a time; 0: any */
export function createFairness({ maxCostUnderWay }: { maxCostUnderWay: number }): Fairness {
  const turns = createTurns();
  const operations = createUnderWay(maxCostUnderWay);
  const bodies = createUnderWay(1);
  /** What a caller has still to rest is part of what it has under way. */
  const afterRest = async (caller: string, leave: () => void): Promise<void> => {
    const restMs = turns.restMs(caller);
    if (restMs > 0) await sleep(restMs, undefined, { ref: false });
    leave();
  };
  const read: Fairness['read'] = (caller, bytes) => turns.spent(caller, bytes / BYTES_PER_MS);
  return {
    turn: turns.begin,
    restMs: turns.restMs,
    enterBody: async (caller) => {
      const leave = await bodies.enter(caller, 1);
      return (bytes) => {
        read(caller, bytes);
        void afterRest(caller, leave);
      };
    },
    enter: async (caller, cost, signal) => {
      const leave = await operations.enter(caller, cost, signal);
      return () => void afterRest(caller, leave);
    },
    read,
    prepared: (caller, work) => turns.spent(caller, work / WORK_PER_MS),
    letOthers: (caller, characters) => {
      turns.spent(caller, characters / CHARACTERS_PER_MS_OF_STEP);
      const restMs = turns.restMs(caller);
      return restMs > 0 ? sleep(restMs) : nextTurn();
    },
    waiting: operations.waiting,
  };
}
