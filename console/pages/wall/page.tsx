import { useMemo, useState } from 'react';
import { Link } from 'react-router';
import { Empty, Failed, PartlyFailed, Skeleton } from '../../components/states.tsx';
import { viewerZone } from '../../data/time.ts';
import { useSites, zoneOf } from '../../data/use-sites.ts';
import { NotLive } from '../../shell/connection-mark.tsx';
import { usePageTitle } from '../../shell/page-title.ts';
import { useSite } from '../../shell/use-site.ts';
import { Estate } from './estate.tsx';
import { Strip } from './strip.tsx';
import { texts } from './texts.ts';
import { Timeline } from './timeline.tsx';
import { useFresh } from './use-fresh.ts';
import { useHour } from './use-hour.ts';
import { useNewVersion } from './use-new-version.ts';
import { useWall, type WallDevice } from './use-wall.ts';
import './wall.css';
import { commonZone, countStatuses, countsOf, type Grouped, regroup } from './wall-rules.ts';

const NONE: readonly WallDevice[] = [];

/** The whole estate on one screen, for who looks rather than reads. */
export function Page() {
  const site = useSite();
  usePageTitle(site === null ? texts.title : texts.heading(site));
  useNewVersion();
  const { devices, total, faults, again } = useWall(site);
  const { hour, isPartly } = useHour(site);
  const fresh = useFresh();
  const known = useSites();
  // Each place is looked up once, and not with every change: a place is looked for among all.
  const zoneAt = useMemo(() => {
    const zones = new Map<string, string>();
    return (path: string): string => {
      const zone = zones.get(path) ?? zoneOf(known, path);
      zones.set(path, zone);
      return zone;
    };
  }, [known]);
  const [grouped, setGrouped] = useState<Grouped<WallDevice> | null>(null);
  const next = regroup(grouped, devices ?? NONE);
  // As React has it for what is derived from what was: it is drawn anew at once, before anything else.
  if (next !== grouped) setGrouped(next);
  const { sites } = next;
  const counts = useMemo(() => countsOf(sites), [sites]);
  const statuses = useMemo(() => (devices === null ? null : countStatuses(devices)), [devices]);
  const zone = (site === null ? commonZone(counts, zoneAt) : zoneAt(site)) ?? viewerZone();
  return (
    <div className="wall">
      <NotLive zone={zone} />
      <Strip counts={statuses} site={site} zone={zone} />
      <Timeline {...{ hour, isPartly, zone }} zoneOf={zoneAt} />
      {devices !== null && (
        <div className="wall-note">
          <PartlyFailed faults={faults} />
          {devices.length < total && (
            <p className="quiet" role="status">
              {texts.loadingMore(devices.length, total)}
            </p>
          )}
        </div>
      )}
      {devices === null && (faults.length === 0 ? <Skeleton lines={16} /> : <Failed faults={faults} onAgain={again} />)}
      {devices !== null && devices.length > 0 && <Estate {...{ sites, counts, fresh }} zoneOf={zoneAt} />}
      {devices?.length === 0 && <NoDevices site={site} />}
    </div>
  );
}

const NoDevices = ({ site }: { site: string | null }) =>
  site === null ? (
    <Empty title={texts.none.title}>{texts.none.text}</Empty>
  ) : (
    <Empty title={texts.none.atSite} action={<Link to="/wall">{texts.none.all}</Link>}>
      {texts.none.atSiteText}
    </Empty>
  );
