import { useState } from 'react';
import { Button } from '../../../../components/button.tsx';
import { Empty, Failed, PartlyFailed, Skeleton } from '../../../../components/states.tsx';
import { useTimeRange } from '../../../../components/use-time-range.ts';
import { exactTime } from '../../../../data/time.ts';
import type { SectionProps } from '../../sections.ts';
import { EventItem, SettingsItem } from './event-item.tsx';
import { texts } from './texts.ts';
import './timeline.css';
import { byDay, type Change, undoable } from './timeline-rules.ts';
import { UndoDialog } from './undo-dialog.tsx';
import { MOST, PAGE, useTimeline } from './use-timeline.ts';

/** The types of devices whose changes can be taken back. */
const UNDOABLE = ['FidaDisplay', 'AudioCore'] as const;

export function Section({ device, zone }: SectionProps) {
  const range = useTimeRange();
  const timeline = useTimeline(device.id, range);
  const [undone, setUndone] = useState<Change | null>(null);
  const type = UNDOABLE.find((each) => each === device.__typename);
  const { entries, open, faults, again, hasMore, shown, more, isLoading } = timeline;
  const allowed = undoable([...open, ...(entries ?? []).flatMap(({ node }) => node.settingsChange ?? [])]);
  const undoOf = (change: Change): (() => void) | null =>
    type !== undefined && device.viewerCan.set && range.asOf === null && allowed.has(change.id)
      ? () => setUndone(change)
      : null;
  if (entries === null) return faults.length > 0 ? <Failed faults={faults} onAgain={again} /> : <Skeleton lines={4} />;
  return (
    <div className="timeline" aria-busy={isLoading}>
      <p className="quiet">{texts.range(exactTime(range.from, zone), exactTime(range.to, zone))}</p>
      <PartlyFailed faults={faults} />
      {open.length > 0 && (
        <ol className="timeline-events" aria-label={texts.underWay}>
          {open.map((change) => (
            <SettingsItem key={change.id} change={change} at={change.at} zone={zone} onUndo={null} />
          ))}
        </ol>
      )}
      {entries.length === 0 && open.length === 0 && <Empty title={texts.none.title}>{texts.none.text}</Empty>}
      {byDay(entries, zone).map(({ day, entries: ofDay }) => (
        <section key={day} className="timeline-day">
          <h3>{dayName(day)}</h3>
          <ol className="timeline-events">
            {ofDay.map(({ cursor, node }) => (
              <EventItem key={cursor} event={node} zone={zone} undoOf={undoOf} />
            ))}
          </ol>
        </section>
      ))}
      {hasMore && shown < MOST && (
        <p>
          <Button onPress={more} isPending={isLoading}>
            {texts.more(PAGE)}
          </Button>
        </p>
      )}
      {hasMore && shown >= MOST && <p className="quiet">{texts.most(MOST)}</p>}
      {undone !== null && type !== undefined && (
        <UndoDialog type={type} change={undone} onClose={() => setUndone(null)} onDone={again} />
      )}
    </div>
  );
}

const date = new Intl.DateTimeFormat('en-GB', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
});
const dayName = (day: string): string => date.format(Date.parse(`${day}T00:00Z`));
