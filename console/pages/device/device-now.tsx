import { Link } from 'react-router';
import { RelativeTime } from '../../components/relative-time.tsx';
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
        {lookProblem !== null && lookProblem !== statusReason && <p>{texts.lookProblem(lookProblem)}</p>}
        <p className="quiet">
          {observedAt === null ? (
            texts.noLook
          ) : stale ? (
            texts.stale(clockTime(observedAt, zone))
          ) : (
            <>
              {texts.lastLook} <RelativeTime at={observedAt} zone={zone} />
            </>
          )}
          {device.address !== null && <span className="number device-address">{device.address}</span>}
        </p>
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
            {isOld && measuredAt !== null ? texts.nowAsOf(clockTime(measuredAt, zone)) : texts.now}
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
