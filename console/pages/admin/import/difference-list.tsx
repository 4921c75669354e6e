import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import { Button } from '../../../components/button.tsx';
import { SearchField } from '../../../components/field.tsx';
import { Select } from '../../../components/select.tsx';
import { DifferenceItem } from './difference-item.tsx';
import { type Difference, KINDS, keyOf, kindsOf, type Plan } from './import-rules.ts';
import { texts } from './texts.ts';
import { useDifferences } from './use-differences.ts';

/** What an item is high that is closed, and as it is guessed before it was seen. */
const ITEM_PX = 40;
const OVERSCAN_ITEMS = 8;
/** So many before the end of what is here, more is asked for. */
const AHEAD_ITEMS = 40;

/** The differences of a plan, thousands of them: only those in sight are in the document, and pages come as somebody scrolls there. */
export function DifferenceList({ plan, onGone }: { plan: Plan; onGone: () => void }) {
  const { view, setView, page, hasFailed, more } = useDifferences(plan, onGone);
  const kinds = kindsOf(plan);
  const { nodes, totalCount, pageInfo } = page;
  // Of what is refused there are no further pages.
  const isPaged = plan.id !== null;
  return (
    <section className="difference-list" aria-labelledby="differences-title">
      <h2 id="differences-title">{texts.differences}</h2>
      {isPaged && (
        <search className="difference-view">
          {kinds.length > 1 && (
            <Select
              label={texts.kinds}
              isLabelHidden
              value={view.kind ?? 'ALL'}
              options={[
                { value: 'ALL', text: texts.allKinds },
                ...KINDS.filter((kind) => kinds.includes(kind)).map((kind) => ({
                  value: kind,
                  text: texts.onlyKind[kind],
                })),
              ]}
              onChange={(kind) => setView({ ...view, kind: kind === 'ALL' ? null : kind })}
            />
          )}
          <SearchField label={texts.search} value={view.search} onChange={(search) => setView({ ...view, search })} />
        </search>
      )}
      <p className="quiet number" role="status">
        {!isPaged && pageInfo.hasNextPage ? texts.firstOnly(nodes.length, totalCount) : texts.matching(totalCount)}
      </p>
      {nodes.length > 0 && (
        <Items nodes={nodes} total={isPaged ? totalCount : nodes.length} onEnd={hasFailed ? null : more} />
      )}
      {hasFailed && (
        <div>
          <Button onPress={more}>{texts.moreAgain}</Button>
        </div>
      )}
    </section>
  );
}

function Items(props: { nodes: readonly Difference[]; total: number; onEnd: (() => void) | null }) {
  const { nodes, total, onEnd } = props;
  const scroller = useRef<HTMLElement>(null);
  // What somebody opened or closed stays so while it is out of sight.
  const [toggled, setToggled] = useState<ReadonlyMap<string, boolean>>(new Map());
  const virtualizer = useVirtualizer({
    count: nodes.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ITEM_PX,
    getItemKey: (index) => (nodes[index] === undefined ? index : keyOf(nodes[index])),
    overscan: OVERSCAN_ITEMS,
  });
  const items = virtualizer.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= nodes.length - AHEAD_ITEMS) onEnd?.();
  }, [last, nodes.length, onEnd]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard (WCAG 2.1.1)
    <section className="differences" ref={scroller} aria-label={texts.differences} tabIndex={0}>
      <ul style={{ height: virtualizer.getTotalSize() }}>
        {items.map(({ index, key, start }) => {
          const difference = nodes[index];
          if (difference === undefined) return null;
          const name = keyOf(difference);
          return (
            <li
              key={String(key)}
              ref={virtualizer.measureElement}
              data-index={index}
              aria-posinset={index + 1}
              aria-setsize={total}
              style={{ transform: `translateY(${start}px)` }}
            >
              <DifferenceItem
                difference={difference}
                isOpen={toggled.get(name) ?? difference.kind !== 'DEVICE_ADDED'}
                onToggle={(isOpen) =>
                  setToggled((before) => (before.get(name) === isOpen ? before : new Map(before).set(name, isOpen)))
                }
              />
            </li>
          );
        })}
      </ul>
    </section>
  );
}
