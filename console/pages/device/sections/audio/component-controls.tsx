import { useMemo, useState, useSyncExternalStore } from 'react';
import { SearchField } from '../../../../components/field.tsx';
import { Failed, PartlyFailed, Skeleton } from '../../../../components/states.tsx';
import { clockTime } from '../../../../data/time.ts';
import { useFollowed } from '../../../../data/use-followed.ts';
import { AudioControlsLiveDocument } from '../../../../generated/device/sections/audio/graphql.ts';
import { ControlRow } from './control-row.tsx';
import { matching, pageOf } from './control-rules.ts';
import { createLiveStore, type Freshness, freshnessOf } from './live-store.ts';
import { canUndo } from './mend-rules.ts';
import { type Change, keyOf } from './outcome-rules.ts';
import { PageSteps } from './page-steps.tsx';
import { texts } from './texts.ts';
import { useControls } from './use-components.ts';
import type { Sender } from './use-sender.ts';

const PAGE_SIZE = 25;

export type Shared = {
  id: string;
  /** When the components were read; empty before. */
  readAt: string;
  zone: string;
  canSet: boolean;
  knowsAll: boolean;
  changes: ReadonlyMap<string, Change>;
  sender: Sender;
  learn: (change: Change) => void;
};

/** The controls of a component, live: those of the page that is in sight are followed, and no others. */
export function ComponentControls({ component, shared }: { component: string; shared: Shared }) {
  const { id, readAt, zone, canSet, knowsAll, changes, sender, learn } = shared;
  const { items, isComplete, faults, again } = useControls(id, component, readAt);
  const [search, setSearch] = useState('');
  const [wantedPage, setWantedPage] = useState(0);
  const [live] = useState(createLiveStore);
  const found = useMemo(() => matching(items ?? [], search, ({ name, type }) => `${name} ${type}`), [items, search]);
  const page = useMemo(() => pageOf(found, wantedPage, PAGE_SIZE), [found, wantedPage]);
  const controls = page.items.map(({ name }) => ({ component, name }));
  const follow = useFollowed({
    document: AudioControlsLiveDocument,
    variables: controls.length === 0 ? null : { id, controls },
    onEvent: ({ audioControlsChanged: event }) => event !== null && live.take(event),
  });
  const telling = useSyncExternalStore(live.telling.subscribe, live.telling.get);
  const freshness = freshnessOf(follow, telling);

  if (items === null) return faults.length > 0 ? <Failed faults={faults} onAgain={again} /> : <Skeleton lines={3} />;
  const isUndoable = (key: string): boolean => {
    const change = changes.get(key);
    return change !== undefined && canUndo(change, changes);
  };
  const isStale = freshness.phase !== 'live' && freshness.phase !== 'connecting';
  return (
    <>
      <PartlyFailed faults={faults} />
      {!isComplete && faults.length === 0 && <p className="quiet">{texts.loadingMore}</p>}
      {items.length > PAGE_SIZE && (
        <div className="audio-search">
          <SearchField
            label={texts.searchControls(component)}
            value={search}
            onChange={(text) => {
              setSearch(text);
              setWantedPage(0);
            }}
          />
          <span className="quiet number">{texts.controlCount(found.length, items.length)}</span>
        </div>
      )}
      {items.length === 0 && <p className="quiet">{texts.noControls}</p>}
      {items.length > 0 && found.length === 0 && <p className="quiet">{texts.noControlMatch}</p>}
      {controls.length > 0 && <FreshnessMark freshness={freshness} zone={zone} />}
      <ul className="audio-controls">
        {page.items.map((control) => {
          const settingKey = keyOf(component, control.name);
          return (
            <ControlRow
              key={control.name}
              {...{ component, control, live, isStale, canSet, knowsAll, zone, settingKey }}
              change={changes.get(settingKey)}
              isUndoable={isUndoable(settingKey)}
              sent={sender.sent.get(settingKey)}
              send={sender.send}
              forget={sender.forget}
              learn={learn}
            />
          );
        })}
      </ul>
      <PageSteps what={texts.pages.controls(component)} page={page} count={found.length} onPage={setWantedPage} />
    </>
  );
}

/** Whether the values are live, in a word; where they are not, since when and why. */
function FreshnessMark({ freshness, zone }: { freshness: Freshness; zone: string }) {
  const { phase, asOf, reason } = freshness;
  return (
    <p className="audio-live" data-phase={phase} role="status">
      <span className="audio-live-shape" aria-hidden="true" />
      <span>
        {texts.live[phase]}
        {asOf !== null && `, ${texts.live.asOf(clockTime(new Date(asOf), zone))}`}
        {reason !== null && <span className="quiet"> {texts.live.why(reason)}</span>}
      </span>
    </p>
  );
}
