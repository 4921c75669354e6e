import { Empty, Failed, Refused, Skeleton } from '../../../components/states.tsx';
import { clockTime, exactInBoth, viewerZone } from '../../../data/time.ts';
import { useNow } from '../../../data/use-now.ts';
import { Frame } from '../frame.tsx';
import { useZoneBelow } from '../use-zone-below.ts';
import { ServiceCard } from './service-card.tsx';
import { freshness, inOrder } from './service-rules.ts';
import './services.css';
import { texts } from './texts.ts';
import { useServices } from './use-services.ts';

/** How Wheelhouse's own services are. */
export function Services() {
  const { services, at, faults, isPaused, again } = useServices();
  const now = useNow();
  const zone = useZoneBelow();
  if (services === null)
    return (
      <Frame part="services">
        {faults.length === 0 && <Skeleton lines={10} />}
        {faults.length > 0 &&
          (faults[0]?.kind === 'refused' ? (
            // The page was offered, so the right is there at some sites.
            <Refused scopes={['services:read']} isEverywhere />
          ) : (
            <Failed faults={faults} onAgain={again} />
          ))}
      </Frame>
    );
  const time = texts.inZone(clockTime(new Date(at), zone), zone);
  const exact = exactInBoth(new Date(at), zone, viewerZone());
  const fresh = freshness({ at, isFailing: faults.length > 0, isPaused }, now);
  const up = services.filter(({ state }) => state === 'UP').length;
  return (
    <Frame part="services" aside={<span className="quiet">{texts.summary(up, services.length)}</span>}>
      {fresh === 'stale' ? (
        <p className="partly" role="status" title={exact}>
          {texts.stale(time)} {[...new Set(faults.map(({ message }) => message))].join('; ')}
        </p>
      ) : (
        <p className="quiet number" title={exact}>
          {fresh === 'paused' ? texts.paused(time) : texts.asked(time)}
        </p>
      )}
      {services.length === 0 && <Empty title={texts.none.title}>{texts.none.text}</Empty>}
      <ul className="services" aria-label={texts.list} data-fresh={fresh}>
        {inOrder(services).map((service) => (
          <li key={service.name}>
            <ServiceCard service={service} zone={zone} />
          </li>
        ))}
      </ul>
    </Frame>
  );
}
