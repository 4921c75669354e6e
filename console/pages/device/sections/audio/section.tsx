import { ChevronDown, ChevronRight } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Button, Disclosure, DisclosurePanel, Heading } from 'react-aria-components';
import { useSearchParams } from 'react-router';
import { SearchField } from '../../../../components/field.tsx';
import { Empty, Failed, PartlyFailed, Skeleton } from '../../../../components/states.tsx';
import { useDeviceChanges } from '../../device-changes.tsx';
import type { SectionProps } from '../../sections.ts';
import '../settings/settings.css';
import './audio.css';
import { FollowChanges } from '../settings/follow-changes.tsx';
import { ComponentControls, type Shared } from './component-controls.tsx';
import { matching, openAtFirst, pageOf } from './control-rules.ts';
import { lastChanges } from './outcome-rules.ts';
import { PageSteps } from './page-steps.tsx';
import { texts } from './texts.ts';
import { type AudioComponent, useComponents } from './use-components.ts';
import { useSender } from './use-sender.ts';

const PAGE_SIZE = 25;
const OPEN_AT_FIRST = 5;

/** The controls of a Core: its components, and of those that are open what they say, live, with handles for who may set them. */
export function Section({ device, zone }: SectionProps) {
  const { id, viewerCan, removedAt } = device;
  // They are read anew when the design is another one, or was compiled again.
  const readAt = device.__typename === 'AudioCore' ? (device.componentsReadAt ?? '') : '';
  const { items, isComplete, faults, again } = useComponents(id, readAt);
  const { changes, faults: changeFaults, learn, isTold } = useDeviceChanges();
  const sender = useSender(id, learn);
  const last = useMemo(() => lastChanges(changes), [changes]);
  const canSet = viewerCan.set && removedAt === null;
  if (items === null) return faults.length > 0 ? <Failed faults={faults} onAgain={again} /> : <Skeleton lines={6} />;
  const shared = { id, readAt, zone, canSet, knowsAll: viewerCan.readHistory, changes: last, sender, learn };
  return (
    <div className="audio">
      <PartlyFailed faults={[...faults, ...changeFaults]} />
      {!isTold && <FollowChanges changes={changes} onEvent={learn} />}
      <p className="quiet">{canSet ? texts.hint : texts.readOnly}</p>
      {!isComplete && faults.length === 0 && <p className="quiet">{texts.loadingMore}</p>}
      {items.length === 0 ? (
        <Empty title={texts.none.title}>{texts.none.text}</Empty>
      ) : (
        <Components components={items} shared={shared} />
      )}
    </div>
  );
}

/** The components, searched and by pages; which of them are open stands in the address. */
function Components({ components, shared }: { components: readonly AudioComponent[]; shared: Shared }) {
  const [address, setAddress] = useSearchParams();
  const [search, setSearch] = useState('');
  const [wantedPage, setWantedPage] = useState(0);
  const found = useMemo(
    () => matching(components, search, ({ name, type }) => `${name} ${type}`),
    [components, search],
  );
  const page = pageOf(found, wantedPage, PAGE_SIZE);
  const open = openAtFirst(address, components, OPEN_AT_FIRST);
  const toggle = (name: string, isOpen: boolean): void =>
    setAddress(
      (before) => {
        const names = openAtFirst(before, components, OPEN_AT_FIRST).filter((other) => other !== name);
        const next = new URLSearchParams(before);
        next.delete('component');
        // An empty one says that none is open, which is another thing than nothing chosen.
        for (const each of isOpen ? [...names, name] : names.length > 0 ? names : ['']) next.append('component', each);
        return next;
      },
      { replace: true },
    );
  return (
    <>
      <div className="audio-search">
        <SearchField
          label={texts.search}
          value={search}
          onChange={(text) => {
            setSearch(text);
            setWantedPage(0);
          }}
        />
        <span className="quiet number">{texts.count(found.length, components.length)}</span>
      </div>
      {found.length === 0 && <Empty title={texts.noMatch.title}>{texts.noMatch.text}</Empty>}
      {page.items.map(({ name, type }) => {
        const isOpen = open.includes(name);
        return (
          <Disclosure
            key={name}
            className="audio-component"
            isExpanded={isOpen}
            onExpandedChange={(next) => toggle(name, next)}
          >
            <Heading level={3}>
              <Button slot="trigger" className="audio-component-trigger">
                {isOpen ? <ChevronDown aria-hidden="true" /> : <ChevronRight aria-hidden="true" />}
                <span>{name}</span>
                <span className="quiet">{type}</span>
              </Button>
            </Heading>
            <DisclosurePanel className="audio-component-panel">
              {isOpen && <ComponentControls component={name} shared={shared} />}
            </DisclosurePanel>
          </Disclosure>
        );
      })}
      <PageSteps what={texts.pages.components} page={page} count={found.length} onPage={setWantedPage} />
    </>
  );
}
