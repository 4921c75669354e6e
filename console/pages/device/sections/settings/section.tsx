import { Empty, Failed, PartlyFailed, Skeleton } from '../../../../components/states.tsx';
import { useDeviceChanges } from '../../device-changes.tsx';
import type { SectionProps } from '../../sections.ts';
import { ChangeList } from './change-list.tsx';
import { lastOutcomes } from './change-rules.ts';
import { FollowChanges } from './follow-changes.tsx';
import { SettingsForm } from './form.tsx';
import './settings.css';
import { useNow } from '../../../../data/use-now.ts';
import { texts } from './texts.ts';
import { useDisplay } from './use-display.ts';
import { SettingsValues } from './values.tsx';

/** The settings of a display: a draft to who may set it, values to the others, and what becomes of each change. */
export function Section({ device, zone }: SectionProps) {
  const { viewerCan, removedAt } = device;
  const { display, faults, again } = useDisplay(device.id);
  const { changes, isTold, faults: changeFaults, learn } = useDeviceChanges();
  const now = useNow();
  if (display === undefined)
    return faults.length > 0 ? <Failed faults={faults} onAgain={again} /> : <Skeleton lines={6} />;
  const outcomes = lastOutcomes(changes, now);
  const canSet = viewerCan.set && removedAt === null;
  // The zone in which its hours are kept is the display's own word.
  const hoursZone = display.timeZone ?? zone;
  return (
    <div className="settings">
      <PartlyFailed faults={[...faults, ...changeFaults]} />
      {!isTold && <FollowChanges changes={changes} onEvent={learn} />}
      {canSet && display.settable !== null && (
        <SettingsForm {...{ display, outcomes, changes, learn }} zone={hoursZone} />
      )}
      {canSet && display.settable === null && <Empty title={texts.none.title}>{texts.none.text}</Empty>}
      {!canSet && <SettingsValues display={display} outcomes={outcomes} zone={hoursZone} />}
      <ChangeList {...{ changes, zone, learn, canSet }} canSeeAll={viewerCan.readHistory} />
    </div>
  );
}
