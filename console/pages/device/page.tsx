import { Link, useParams } from 'react-router';
import { RelativeTime } from '../../components/relative-time.tsx';
import { Empty, Failed, PartlyFailed, Skeleton } from '../../components/states.tsx';
import { StatusMark } from '../../components/status-mark.tsx';
import { PastNote, TimeRangePicker } from '../../components/time-range.tsx';
import { TimeSince } from '../../components/time-since.tsx';
import { useTimeRange } from '../../components/use-time-range.ts';
import { clockTime } from '../../data/time.ts';
import { useZone } from '../../data/use-sites.ts';
import { PageHead } from '../../shell/page-head.tsx';
import './device.css';
import { DeviceChangesProvider } from './device-changes.tsx';
import { DeviceNow } from './device-now.tsx';
import { SectionList } from './section-list.tsx';
import { texts } from './texts.ts';
import { trailOf } from './trail.ts';
import { type PageDevice, useDevice } from './use-device.ts';

export function Page() {
  const { id = '' } = useParams();
  const { asOf } = useTimeRange();
  const { device, faults, again } = useDevice(id, asOf !== null);
  if (device === undefined && faults.length === 0) return <Loading />;
  if (device === undefined || (device === null && faults.length > 0))
    return (
      <div className="page">
        <PageHead title={texts.title} trail={trailOf(null)} />
        <Failed faults={faults} onAgain={again} />
      </div>
    );
  if (device === null)
    return (
      <div className="page">
        <PageHead title={texts.title} trail={trailOf(null)} />
        <Empty title={texts.none.title} action={<Link to="/devices">{texts.none.toList}</Link>}>
          {texts.none.text}
        </Empty>
      </div>
    );
  return (
    // Another device begins anew: no draft of one is ever shown at another.
    <div className="page" key={device.id}>
      <DeviceHead device={device} />
      <PartlyFailed faults={faults} />
      <DeviceBody device={device} />
    </div>
  );
}

function DeviceHead({ device }: { device: PageDevice }) {
  const zone = useZone(device.site);
  const { asOf } = useTimeRange();
  const { status, statusSince, stale, observedAt, viewerCan, address } = device;
  const aside = asOf === null && (
    <span className="device-status-line">
      <StatusMark status={status} staleAsOf={stale && observedAt !== null ? clockTime(observedAt, zone) : null} />
      <TimeSince at={statusSince} zone={zone} className="quiet" />
      <span className="quiet">
        {texts.systems[device.system]}
        {address !== null && <span className="number">, {address}</span>}
        {observedAt !== null && !stale && (
          <>
            , {texts.lastLook} <RelativeTime at={observedAt} zone={zone} />
          </>
        )}
      </span>
    </span>
  );
  return (
    <PageHead
      title={device.name}
      trail={trailOf(device.site)}
      aside={aside}
      actions={viewerCan.readHistory ? <TimeRangePicker zone={zone} hasPast /> : undefined}
    />
  );
}

function DeviceBody({ device }: { device: PageDevice }) {
  const zone = useZone(device.site);
  const { asOf } = useTimeRange();
  return (
    <DeviceChangesProvider id={device.id} withHistory={device.viewerCan.readHistory && asOf === null}>
      <PastNote zone={zone} />
      {asOf === null && <DeviceNow device={device} zone={zone} />}
      <SectionList device={device} zone={zone} isPast={asOf !== null} />
    </DeviceChangesProvider>
  );
}

const Loading = () => (
  <div className="page">
    <PageHead title={texts.title} trail={trailOf(null)} />
    <Skeleton lines={3} />
    <Skeleton lines={6} />
  </div>
);
