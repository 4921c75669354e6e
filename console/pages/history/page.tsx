import { Download } from 'lucide-react';
import { useState } from 'react';
import { Navigate, useSearchParams } from 'react-router';
import { Button } from '../../components/button.tsx';
import { TimeRangePicker } from '../../components/time-range.tsx';
import { useTimeRange } from '../../components/use-time-range.ts';
import { exactTime } from '../../data/time.ts';
import { useSites, zoneBelow } from '../../data/use-sites.ts';
import { PageHead } from '../../shell/page-head.tsx';
import { useSite } from '../../shell/use-site.ts';
import { ArchiveDays } from './archive-days.tsx';
import { AvailabilityTable } from './availability-table.tsx';
import { CountingOptions } from './counting-options.tsx';
import { DownloadList } from './download-list.tsx';
import { ExportDialog } from './export-dialog.tsx';
import './history.css';
import { texts } from './texts.ts';
import { ViewBar } from './view-bar.tsx';
import { readView, type View, writeView } from './view-rules.ts';

/** Availability is asked for by the month: an address that names no range gets that, and shows it. */
export function Page() {
  const [address] = useSearchParams();
  if (address.has('range') || address.has('from')) return <History />;
  const search = new URLSearchParams(address);
  search.set('range', 'month');
  return <Navigate replace to={`/history?${search}`} />;
}

function History() {
  const [address, setAddress] = useSearchParams();
  const [isExporting, setExporting] = useState(false);
  const range = useTimeRange();
  const site = useSite();
  const zone = zoneBelow(useSites(), site);
  const view = readView(address);
  const change = (changed: Partial<View>): void =>
    setAddress((before) => writeView({ ...readView(before), ...changed }, before), { replace: true });
  const { from, to, isLive } = range;
  return (
    <div className="page">
      <PageHead
        title={texts.title}
        aside={site !== null && <span className="quiet">{site}</span>}
        actions={
          <>
            <TimeRangePicker zone={zone} />
            <Button icon={<Download aria-hidden="true" />} onPress={() => setExporting(true)}>
              {texts.export.action}
            </Button>
          </>
        }
      />
      <DownloadList />
      <ViewBar view={view} from={from} to={to} onChange={change} />
      <CountingOptions counting={view.counting} onChange={(counting) => change({ counting })} />
      <section className="availability" aria-labelledby="availability-title">
        <h2 id="availability-title">{texts.availability}</h2>
        <p className="quiet">{texts.range(exactTime(from, zone), exactTime(to, zone), zone)}</p>
        <AvailabilityTable {...{ view, site, from, to, isLive, zone }} onSort={(sort) => change({ sort })} />
      </section>
      <ArchiveDays from={from} to={to} zone={zone} />
      {isExporting && (
        <ExportDialog {...{ from, to, site, zone }} system={view.system} onClose={() => setExporting(false)} />
      )}
    </div>
  );
}
