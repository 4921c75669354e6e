import { decodeKey, encodeKey, pageOf, pageSize } from '@wheelhouse/kit/connection.ts';
import { callerError } from '@wheelhouse/kit/errors.ts';
import type { Context } from '../context.ts';
import type { DeviceResolvers } from '../generated/types.ts';
import { type SubjectLoader, subjectLoader } from '../loaders.ts';
import type { DeviceChangeShape } from '../shapes.ts';
import {
  readTimelines,
  type TimelineEvent,
  type TimelineKind,
  type TimelinePlace,
  type TimelineQuestion,
} from '../store/timeline.ts';
import { checkSpan } from '../time-range.ts';
import { describe } from '../timeline.ts';
import { createTogetherCheck } from '../together.ts';
import { settingsChangeShape } from './settings.ts';

export type TimelineLoader = SubjectLoader<Omit<TimelineQuestion, 'deviceIds'>, TimelineEvent[]>;

const KINDS: ReadonlySet<string> = new Set<TimelineKind>(['REGISTRY', 'SETTINGS', 'STATUS']);
const isKind = (text: string): text is TimelineKind => KINDS.has(text);
/** Within what PostgreSQL and Date can hold. */
const NUMBER = /^\d{1,15}$/;

/** @throws CURSOR_INVALID */
function placeOf(after: string | null | undefined): TimelinePlace | null {
  const key = decodeKey(after, 3);
  if (key === null) return null;
  const [at = '', kind = '', position = ''] = key;
  // The time is within the years that questions may be about.
  const isPlace = NUMBER.test(at) && Number(at) < Date.UTC(3000, 0, 1) && NUMBER.test(position);
  if (!isPlace || !isKind(kind)) throw callerError('CURSOR_INVALID', 'after is not a cursor of this list', 'after');
  return { atMs: Number(at), kind, position: Number(position) };
}

const shapeOf = (event: TimelineEvent): DeviceChangeShape => ({
  ...{ kind: event.kind, place: event, at: new Date(event.atMs) },
  ...describe(event),
  status: event.kind === 'STATUS' ? event.to : null,
  settingsChange: event.kind === 'SETTINGS' ? settingsChangeShape(event.change) : null,
});

export function timelineLoader({
  db,
  settingsSources,
  maySeePast,
}: Pick<Context, 'db' | 'settingsSources' | 'maySeePast'>): TimelineLoader {
  const checkTogether = createTogetherCheck('first');
  return subjectLoader<Omit<TimelineQuestion, 'deviceIds'>, TimelineEvent[]>(
    async (deviceIds, question) => {
      checkTogether(deviceIds.length, question.limit - 1);
      return readTimelines(db, settingsSources, { ...question, deviceIds: await maySeePast.only(deviceIds) });
    },
    () => [],
  );
}

export const timelineDevice: Pick<DeviceResolvers, 'changes'> = {
  changes: async ({ id }, { from, to, newestFirst, first, after }, { timelineOf }) => {
    const size = pageSize(first);
    const isNewestFirst = newestFirst ?? false;
    const question = { span: checkSpan({ from, to }), after: placeOf(after), limit: size + 1, isNewestFirst };
    const events = await timelineOf.load(id, question);
    return pageOf(events.map(shapeOf), size, ({ place }) =>
      encodeKey([`${place.atMs}`, place.kind, `${place.position}`]),
    );
  },
};
