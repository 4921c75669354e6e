import { setTimeout as sleep } from 'node:timers/promises';
import type { SettingsValues } from './settings-changes.ts';
import {
  afterAnswer,
  afterFirstLook,
  afterReadBack,
  type Outcome,
  type SetAnswer,
  type SettingsReading,
} from './settings-rules.ts';

/** One subject, as its protocol reaches it. */
export type SettingsPort = {
  read: (signal: AbortSignal) => Promise<SettingsReading>;
  /** Sends once, and never again by itself. */
  set: (wanted: SettingsValues, signal: AbortSignal) => Promise<SetAnswer>;
  /** What is sent does something each time: it must never be sent twice, whatever a look finds. */
  isOnce?: boolean;
  /** How long after this sending the subject may take to obey, where that is known better than for all subjects. */
  settleMs?: number;
};

/** Between two looks at a subject that has not obeyed yet; doubled each time. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;
/** An unanswered sending may be made once more, after a look that found that it took no effect. */
const SENDS_AGAIN = 1;

const WHO_SENT_IS_GONE: SetAnswer = { kind: 'silent', detail: 'who sent it is gone' };

export type Carried = { wanted: SettingsValues; expected: SettingsValues | null; sentAt: Date | null };

/**
 * Brings values to a subject and finds out what came of it. A change that was begun by another one, who is gone, is looked at
 * first: what is sent twice was found not to have taken effect, and some things are never sent twice.
 *
 * @param options.settleMs how long after a sending a subject may take to obey
 * @param options.begin keeps what the values were and that something is about to be sent; false forbids it
 * @param options.mayGoOn whether the change is still ours, asked before anything is sent again
 * @returns null when the change is no longer ours
 * @throws the signal's reason when it is aborted
 */
export async function carryOut(
  port: SettingsPort,
  change: Carried,
  options: {
    settleMs: number;
    signal: AbortSignal;
    begin: (before: SettingsValues) => Promise<boolean>;
    mayGoOn: () => Promise<boolean>;
    onSent: (answer: SetAnswer) => void;
  },
): Promise<Outcome | null> {
  const { signal } = options;
  const settleMs = port.settleMs ?? options.settleMs;
  const isOnce = port.isOnce === true;
  const read = async (): Promise<SettingsReading> => {
    const reading = await port.read(signal);
    // What was cut off by our own stop says nothing.
    signal.throwIfAborted();
    return reading;
  };
  const send = async (): Promise<SetAnswer> => {
    const answer = await port.set(change.wanted, signal);
    options.onSent(answer);
    signal.throwIfAborted();
    return answer;
  };

  /** By the clock that nobody sets. */
  const settledAfter = (agoMs: number): number => performance.now() + settleMs - Math.max(0, agoMs);

  let answer = WHO_SENT_IS_GONE;
  // By the clock of who sent it, which may be ahead of ours: nobody waits for longer than after a sending of its own.
  let settledMs = change.sentAt === null ? 0 : settledAfter(Date.now() - change.sentAt.getTime());
  if (change.sentAt === null) {
    const step = afterFirstLook(change, await read());
    if (step.kind === 'end') return step.outcome;
    if (!(await options.begin(step.before))) return null;
    answer = await send();
    const outcome = afterAnswer(answer);
    if (outcome !== null) return outcome;
    settledMs = settledAfter(0);
  }
  let sendsLeft = isOnce ? 0 : SENDS_AGAIN;
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    // Asked before the look: one that began in time and was not answered is no reason to look for longer.
    const isSettled = performance.now() >= settledMs;
    const step = afterReadBack(change.wanted, await read(), { answer, isSettled, sendsLeft, isOnce });
    if (step.kind === 'end') return step.outcome;
    if (step.kind === 'readAgain') {
      await sleep(Math.max(0, Math.min(pauseMs, settledMs - performance.now())), undefined, { signal });
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      continue;
    }
    if (!(await options.mayGoOn())) return null;
    sendsLeft -= 1;
    answer = await send();
    const outcome = afterAnswer(answer);
    if (outcome !== null) return outcome;
    settledMs = settledAfter(0);
    pauseMs = FIRST_PAUSE_MS;
  }
}
