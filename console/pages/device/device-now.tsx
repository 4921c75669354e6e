import { Link } from 'react-router';
import { StatusMark } from '../../components/status-mark.tsx';
import { clockTime, exactTime } from '../../data/time.ts';
import { factsOf } from './facts.ts';
import { texts } from './texts.ts';
import type { PageDevice } from './use-device.ts';

type Props = { device: PageDevice; zone: string };

/** Why its status is what it is, how fresh that is, and what the device is doing. */
export function DeviceNow({ device, zone }: Props) {
  const { statusReason, stale, observedAt, removedAt, measuredAt, lookProblem, parents } = device;
  const said = 'problems' in device ? (device.problems ?? []).join('; ') : '';
  const facts = factsOf(device);
  // Values of a device that does not answer are those of when it last did.
  const isOld = stale || lookProblem !== null;
  return (
    <section className="device-now" aria-labelledby="now">
      <div className="device-words">
        {removedAt !== null && <p className="device-removed">{texts.removed(exactTime(removedAt, zone))}</p>}
        {statusReason !== null && (
          <p className="device-reason">
            <span className="quiet">{texts.reason}:</span> {statusReason}
          </p>
        )}
        {said !== '' && said !== statusReason && (
          <p className="device-reason">
            <span className="quiet">{texts.problems}:</span> {said}
          </p>
        )}
        {/* The reason of a status is often what came of the looks, and how many there were. */}
        {lookProblem !== null && statusReason?.includes(lookProblem) !== true && (
          <p>{texts.lookProblem(lookProblem)}</p>
        )}
        {observedAt === null && <p className="quiet">{texts.noLook}</p>}
        {observedAt !== null && stale && <p>{texts.stale(clockTime(observedAt, zone))}</p>}
        {parents.length > 0 && (
          <p className="device-parents">
            <span className="quiet">{texts.dependsOn}</span>
            {parents.map(({ id, name, status }) => (
              <span key={id}>
                <StatusMark status={status} isQuiet /> <Link to={`/devices/${id}`}>{name}</Link>
              </span>
            ))}
          </p>
        )}
      </div>
      {facts.length > 0 && (
        <>
          <h2 id="now" className={isOld ? undefined : 'visually-hidden'}>
            {!isOld ? texts.now : measuredAt === null ? texts.nowNever : texts.nowAsOf(clockTime(measuredAt, zone))}
          </h2>
          <dl className="facts" data-old={isOld || undefined}>
            {facts.map(({ label, value, unit }) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd className="number" data-unknown={value === null || undefined}>
                  {value ?? texts.notKnown}
                  {value !== null && unit !== undefined && <span className="fact-unit"> {unit}</span>}
                </dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </section>
  );
}
