import { type CSSProperties, type KeyboardEvent, type MouseEvent, memo, useMemo, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { type Block, detailOf, layOut, type SiteCount, type WallLayout } from './layout-rules.ts';
import { texts } from './texts.ts';
import { Tile } from './tile.tsx';
import { useRoom } from './use-room.ts';
import type { WallDevice } from './use-wall.ts';
import { nextTile } from './wall-rules.ts';

/** More than so many at once, and blinking says nothing: they are marked all the same. */
const MOST_PULSING = 20;

/** All tiles by site, as large as there is room for. Tab goes from site to site, arrows go within one. */
export function Estate(props: {
  sites: ReadonlyMap<string, readonly WallDevice[]>;
  counts: readonly SiteCount[];
  fresh: ReadonlySet<string>;
  zoneOf: (site: string) => string;
}) {
  const { sites, counts, fresh, zoneOf } = props;
  const element = useRef<HTMLDivElement>(null);
  const room = useRoom(element);
  const navigate = useNavigate();
  // By what it depends on, so that no change of a status makes it anew.
  const key = JSON.stringify(counts);
  const layout = useMemo(
    () => (room === null ? null : layOut(JSON.parse(key) as SiteCount[], room.width, room.height)),
    [key, room],
  );
  const follow = (event: MouseEvent): void => {
    const link = event.target instanceof Element ? event.target.closest('a.wall-tile') : null;
    const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    const address = link?.getAttribute('href');
    if (!isPlain || typeof address !== 'string') return;
    event.preventDefault();
    void navigate(address);
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: links within turn keys into clicks by themselves
    // biome-ignore lint/a11y/noStaticElementInteractions: the links within are what is pressed
    <div
      ref={element}
      className="wall-estate"
      data-detail={layout === null ? undefined : detailOf(layout)}
      data-calm={fresh.size > MOST_PULSING || undefined}
      onClick={follow}
    >
      {layout !== null && (
        <div className="wall-blocks" style={{ height: layout.height, ...sizesOf(layout) }}>
          {layout.blocks.map((block) => (
            <SiteBlock
              key={`${block.path} ${block.from}`}
              {...{ block, layout }}
              devices={sites.get(block.path) ?? NONE}
              freshIds={freshOf(sites.get(block.path) ?? NONE, fresh)}
              zone={zoneOf(block.path)}
            />
          ))}
        </div>
      )}
    </div>
  );
}

const sizesOf = ({ tileWidth, tileHeight, columns, blockWidth, heading }: WallLayout): CSSProperties =>
  ({
    '--tile-width': `${tileWidth}px`,
    '--tile-height': `${tileHeight}px`,
    '--tile-columns': columns,
    '--block-width': `${blockWidth}px`,
    '--heading': `${heading}px`,
  }) as CSSProperties;

const NONE: readonly WallDevice[] = [];
const freshOf = (devices: readonly WallDevice[], fresh: ReadonlySet<string>): string =>
  fresh.size === 0
    ? ''
    : devices
        .filter(({ id }) => fresh.has(id))
        .map(({ id }) => id)
        .join(' ');

const SiteBlock = memo(function SiteBlock(props: {
  block: Block;
  layout: WallLayout;
  devices: readonly WallDevice[];
  /** As one text, so that sites in which nothing is fresh are not drawn anew because something is in another one. */
  freshIds: string;
  zone: string;
}) {
  const { block, layout, devices, freshIds, zone } = props;
  const fresh = new Set(freshIds.split(' '));
  const { path, from, to, left, top } = block;
  const [stop, setStop] = useState(0);
  const detail = detailOf(layout);
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const tile = event.target instanceof HTMLElement ? event.target : null;
    const next = nextTile(event.key, Number(tile?.dataset.place), to - from, layout.columns);
    if (next === null) return;
    event.preventDefault();
    setStop(next);
    event.currentTarget.querySelector<HTMLElement>(`[data-place="${next}"]`)?.focus();
  };
  const heading = from === 0 ? path : texts.continued(path);
  const here = path.lastIndexOf('/') + 1;
  return (
    <section className="wall-site" style={{ left, top }} aria-label={texts.site(heading, devices.length)}>
      <h2 title={heading}>
        {/* What tells a site from its neighbours is its last part, which stays. */}
        <span className="wall-above">{path.slice(0, here)}</span>
        <span className="wall-own">
          <span className="wall-here">{path.slice(here)}</span>
          <span className="quiet number">{from === 0 ? devices.length : '…'}</span>
        </span>
      </h2>
      <ul onKeyDown={onKeyDown}>
        {devices.slice(from, to).map((device, place) => (
          <Tile
            key={device.id}
            {...{ device, place, detail, zone }}
            isFresh={fresh.has(device.id)}
            isTabStop={place === Math.min(stop, to - from - 1)}
          />
        ))}
      </ul>
    </section>
  );
});
