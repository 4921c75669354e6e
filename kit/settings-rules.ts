import type { SettingsValues } from './settings-changes.ts';

/** What a look at a subject's settings found. */
export type SettingsReading =
  | {
      kind: 'read';
      values: SettingsValues;
      /** Whether these values are what is wanted, in the subject's own units. */
      holds: (wanted: SettingsValues) => boolean;
    }
  | { kind: 'refused'; code: string; detail: string }
  | { kind: 'silent'; detail: string }
  | { kind: 'couldNotLook'; cause: { code: string; text: string } };

/** What a subject said when it was told to take values. Whether an unanswered one took effect nobody can tell but by a look. */
export type SetAnswer =
  | { kind: 'accepted' }
  /** `isPartly`: a part of it may have taken effect all the same. */
  | { kind: 'refused'; code: string; detail: string; isPartly?: true }
  | { kind: 'silent'; detail: string }
  | { kind: 'couldNotLook'; cause: { code: string; text: string } };

/** How a change ended. */
export type Outcome = {
  state: 'APPLIED' | 'MISMATCH' | 'UNREACHABLE' | 'REJECTED';
  /** What the values were before; null when nobody could tell, or it is known already. */
  before: SettingsValues | null;
  readBack: SettingsValues | null;
  code: string | null;
  detail: string | null;
};

export type FirstStep = { kind: 'end'; outcome: Outcome } | { kind: 'send'; before: SettingsValues };
export type NextStep = { kind: 'end'; outcome: Outcome } | { kind: 'readAgain' } | { kind: 'sendAgain' };

const end = (outcome: Outcome): { kind: 'end'; outcome: Outcome } => ({ kind: 'end', outcome });

/** The values under these names; null for one that the subject does not tell. */
const among = (values: SettingsValues, names: SettingsValues): SettingsValues =>
  Object.fromEntries(Object.keys(names).map((name) => [name, values[name] ?? null]));

/** Nobody reads a text of hundreds. */
const MOST_LISTED = 10;
/** Parts of a text for people; the first of them where they are many. */
export const listed = (parts: readonly string[], separator = '; '): string =>
  parts.length <= MOST_LISTED
    ? parts.join(separator)
    : `${parts.slice(0, MOST_LISTED).join(separator)}${separator}${parts.length - MOST_LISTED} more`;

const NOTHING_SENT = 'nothing was sent';
const PERHAPS_SENT = 'whether it took effect is not known';

const unreachable = (reading: Exclude<SettingsReading, { kind: 'read' }>, mayBeSent: boolean): Outcome => {
  const [code, text] =
    reading.kind === 'silent'
      ? ['NO_ANSWER', reading.detail]
      : reading.kind === 'refused'
        ? [reading.code, reading.detail]
        : [reading.cause.code, reading.cause.text];
  const sent = mayBeSent ? PERHAPS_SENT : NOTHING_SENT;
  return { state: 'UNREACHABLE', before: null, readBack: null, code, detail: `${text}; ${sent}` };
};

/**
 * The outcome of a change of which we have stored a part: that part holds whatever came of what was sent, and the outcome says so.
 *
 * @param stored the values that we keep ourselves, which were stored when the change was accepted
 */
export function withStored(outcome: Outcome, stored: SettingsValues): Outcome {
  const names = Object.keys(stored);
  if (names.length === 0) return outcome;
  const { state, readBack, detail } = outcome;
  const said = `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} stored all the same`;
  return {
    ...{ ...outcome, readBack: { ...stored, ...readBack } },
    detail: state === 'APPLIED' ? detail : [detail, said].filter((part) => part !== null).join('; '),
  };
}

/** The end of a change that failed for no reason that the subject gave: it must not hold up those behind it for ever. */
export function givenUp({ sentAt, attempts }: { sentAt: Date | null; attempts: number }): Outcome {
  const sent = sentAt === null ? NOTHING_SENT : PERHAPS_SENT;
  const detail = `it could not be carried out in ${attempts} attempts, by a fault of ours that the logs name; ${sent}`;
  return { state: 'UNREACHABLE', before: null, readBack: null, code: 'INTERNAL_ERROR', detail };
}

/** What the look before anything is sent says. */
export function afterFirstLook(
  change: { wanted: SettingsValues; expected: SettingsValues | null },
  reading: SettingsReading,
): FirstStep {
  if (reading.kind === 'refused') {
    const { code, detail } = reading;
    return end({ state: 'REJECTED', before: null, readBack: null, code, detail });
  }
  if (reading.kind !== 'read') return end(unreachable(reading, false));
  const before = among(reading.values, change.wanted);
  const moved = Object.entries(change.expected ?? {}).filter(([name, value]) => !reading.holds({ [name]: value }));
  if (moved.length > 0) {
    const parts = moved.map(
      ([name, value]) =>
        `${name} is ${JSON.stringify(reading.values[name] ?? null)}, not ${JSON.stringify(value)} as expected`,
    );
    const detail = `${listed(parts)}; nothing was sent`;
    return end({ state: 'REJECTED', before, readBack: before, code: 'CONFLICT', detail });
  }
  if (reading.holds(change.wanted))
    return end({
      state: 'APPLIED',
      before,
      readBack: before,
      code: null,
      detail: 'it was so already; nothing was sent',
    });
  return { kind: 'send', before };
}

/** The outcome of a refusal; null where the answer calls for a look. */
export function afterAnswer(answer: SetAnswer): Outcome | null {
  if (answer.kind !== 'refused' || answer.isPartly) return null;
  return { state: 'REJECTED', before: null, readBack: null, code: answer.code, detail: answer.detail };
}

/**
 * What a look after the sending says.
 *
 * @param state.answer what the subject said to the last sending
 * @param state.isSettled whether even a slow subject had time enough to obey
 * @param state.sendsLeft how often the values may be sent again: only after a look that found that they did not take effect
 * @param state.isOnce the values do something each time they are sent, which no look can tell for sure
 */
export function afterReadBack(
  wanted: SettingsValues,
  reading: SettingsReading,
  state: { answer: SetAnswer; isSettled: boolean; sendsLeft: number; isOnce?: boolean },
): NextStep {
  if (reading.kind !== 'read') return state.isSettled ? end(unreachable(reading, true)) : { kind: 'readAgain' };
  const readBack = among(reading.values, wanted);
  if (reading.holds(wanted)) return end({ state: 'APPLIED', before: null, readBack, code: null, detail: null });
  if (!state.isSettled) return { kind: 'readAgain' };
  const { answer } = state;
  const isAnswered = answer.kind === 'accepted' || answer.kind === 'refused';
  if (!isAnswered && state.sendsLeft > 0) return { kind: 'sendAgain' };
  if (!isAnswered && state.isOnce) {
    const why = answer.kind === 'silent' ? answer.detail : answer.cause.text;
    const detail = `${why}; it may have taken effect, and must not be sent twice`;
    return end({ state: 'UNREACHABLE', before: null, readBack, code: 'MAY_HAVE_TAKEN_EFFECT', detail });
  }
  const said =
    answer.kind === 'accepted'
      ? 'it was accepted'
      : answer.kind === 'refused'
        ? answer.detail
        : 'it was sent again and not answered';
  const names = Object.keys(wanted);
  const others = names.filter((name) => !reading.holds({ [name]: wanted[name] }));
  const told = (others.length > 0 ? others : names).map(
    (name) => `${name} reads ${JSON.stringify(readBack[name])}, wanted ${JSON.stringify(wanted[name])}`,
  );
  const detail = `${said}, and ${listed(told)}`;
  return end({
    state: 'MISMATCH',
    before: null,
    readBack,
    code: answer.kind === 'refused' ? answer.code : 'MISMATCH',
    detail,
  });
}
