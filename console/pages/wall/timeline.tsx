import { memo } from 'react';
import { StatusShape } from '../../components/status-mark.tsx';
import { statusToken } from '../../components/status-rules.ts';
import { texts as shared } from '../../components/texts.ts';
import { clockTime } from '../../data/time.ts';
import { useNow } from '../../data/use-now.ts';
import { barsOf, type Hour, MINUTES, totalsOf } from './hour-rules.ts';
import { texts } from './texts.ts';

const HEIGHT = 40;
const HOUR_MS = 3_600_000;
/** Ten changes are to be seen beside one, and a hundred are still on the page. */
const barHeight = (total: number): number => Math.min(HEIGHT - 4, 8 + 8 * Math.log2(total));

/** What changed in the last hour, a bar for each minute, and the last changes in words. */
export const Timeline = memo(function Timeline(props: {
  hour: Hour | null;
  isPartly: boolean;
  zoneOf: (site: string) => string;
  zone: string;
}) {
  const { hour, isPartly, zoneOf, zone } = props;
  const now = useNow();
  if (hour === null) return <div className="wall-changes" />;
  const { total, offline } = totalsOf(hour, now);
  const isWhole = hour.sinceMs <= now - HOUR_MS + 60_000;
  const span = isWhole ? texts.changes.inTheLastHour : texts.changes.sinceTime(clockTime(new Date(hour.sinceMs), zone));
  return (
    <section className="wall-changes" aria-label={texts.changes.region}>
      <figure>
        <svg
          viewBox={`0 0 ${MINUTES * 6} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={texts.changes.chart(total, offline, span)}
        >
          <path className="wall-axis" d={`M0 ${HEIGHT - 1}H${MINUTES * 6}`} />
          {barsOf(hour, now).map(({ minute, total: changes, worst }) => {
            const height = barHeight(changes);
            const place = { x: minute * 6 + 1, y: HEIGHT - 2 - height, width: 4, height };
            return <rect key={minute} {...place} style={{ fill: `var(${statusToken(worst)})` }} />;
          })}
        </svg>
        <figcaption className="quiet">
          {isPartly ? texts.changes.unknown : texts.changes.chart(total, offline, span)}
        </figcaption>
      </figure>
      <ol>
        {hour.last.length === 0 && !isPartly && <li className="quiet">{texts.changes.none}</li>}
        {hour.last.map(({ cursor, at, to, device }) => (
          <li key={cursor}>
            <span className="number quiet">{clockTime(at, device === null ? zone : zoneOf(device.site))}</span>
            <StatusShape status={to} />
            <span className="wall-changed" title={device?.site}>
              {device?.name ?? texts.changes.removed}
            </span>
            <span className="wall-to" data-status={to}>
              {shared.status[to]}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
});
