import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { type ReactNode, useMemo, useRef } from 'react';
import { usePreferences } from '../preferences.ts';
import './data-table.css';
import { type Sort, type SortValue, sortRows, toggleSort } from './table-rules.ts';
import { texts } from './texts.ts';

export type Column<Row> = {
  id: string;
  /** Stands in the head; a unit stands here, and not in the cells. */
  title: string;
  cell: (row: Row) => ReactNode;
  /** What it is sorted by; without it, it is not. */
  sortValue?: (row: Row) => SortValue;
  /** Numbers stand on the right, in figures of one width. @default "text" */
  kind?: 'text' | 'number';
  /** A CSS width; what is left over is shared by columns without one. */
  width?: string;
  /** Left out where the screen is narrow. */
  isWideOnly?: boolean;
};

export type Selection = { keys: ReadonlySet<string>; onChange: (keys: ReadonlySet<string>) => void };

/** Heights of rows as design/tokens.css has them; only rows in sight are in the document. */
const ROW_PX = { comfortable: 40, compact: 28 };
const OVERSCAN_ROWS = 12;

/**
 * A table of any length: its head stays in sight, columns sort by a press on their heads, and it scrolls within itself. Each row has
 * one line. The first column is the row's head, and should hold the link to what the row is about.
 */
export function DataTable<Row>(props: {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** What a row is called, for who ticks it. */
  nameOf: (row: Row) => string;
  sort: Sort;
  onSort: (sort: Sort) => void;
  selection?: Selection;
}) {
  const { label, columns, rows, keyOf, nameOf, sort, onSort, selection } = props;
  const scroller = useRef<HTMLElement>(null);
  const { density } = usePreferences();
  const sorted = useMemo(() => {
    const sortValueOf = columns.find(({ id }) => id === sort.by)?.sortValue;
    return sortValueOf === undefined ? rows : sortRows(rows, sortValueOf, sort.isDescending);
  }, [columns, rows, sort]);
  const virtualizer = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX[density],
    getItemKey: (index) => {
      const row = sorted[index];
      return row === undefined ? index : keyOf(row);
    },
    overscan: OVERSCAN_ROWS,
  });
  const items = virtualizer.getVirtualItems();
  const above = items[0]?.start ?? 0;
  const below = virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0);
  const isAllSelected = sorted.length > 0 && sorted.every((row) => selection?.keys.has(keyOf(row)) === true);
  const select = (keys: readonly string[], isSelected: boolean): void => {
    const next = new Set(selection?.keys);
    for (const key of keys) {
      if (isSelected) next.add(key);
      else next.delete(key);
    }
    selection?.onChange(next);
  };

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard (WCAG 2.1.1)
    <section className="plain-table-region data-table" ref={scroller} aria-label={label} tabIndex={0}>
      <table className="plain-table" aria-rowcount={sorted.length + 1}>
        <thead>
          <tr aria-rowindex={1}>
            {selection !== undefined && (
              <th scope="col" className="data-table-tick">
                <input
                  type="checkbox"
                  aria-label={texts.table.selectAll}
                  checked={isAllSelected}
                  onChange={({ target }) => select(sorted.map(keyOf), target.checked)}
                />
              </th>
            )}
            {columns.map((column) => (
              <Head key={column.id} column={column} sort={sort} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {above > 0 && <Space height={above} />}
          {items.map(({ index, key }) => {
            const row = sorted[index];
            if (row === undefined) return null;
            const isSelected = selection?.keys.has(keyOf(row)) === true;
            return (
              <tr key={String(key)} aria-rowindex={index + 2} data-selected={isSelected || undefined}>
                {selection !== undefined && (
                  <td className="data-table-tick">
                    <input
                      type="checkbox"
                      aria-label={texts.table.select(nameOf(row))}
                      checked={isSelected}
                      onChange={({ target }) => select([keyOf(row)], target.checked)}
                    />
                  </td>
                )}
                {columns.map(({ id, cell, kind, isWideOnly }, at) => {
                  const Cell = at === 0 ? 'th' : 'td';
                  return (
                    <Cell
                      key={id}
                      scope={at === 0 ? 'row' : undefined}
                      data-kind={kind}
                      data-wide-only={isWideOnly || undefined}
                    >
                      {cell(row)}
                    </Cell>
                  );
                })}
              </tr>
            );
          })}
          {below > 0 && <Space height={below} />}
        </tbody>
      </table>
    </section>
  );
}

function Head<Row>(props: { column: Column<Row>; sort: Sort; onSort: (sort: Sort) => void }) {
  const { column, sort, onSort } = props;
  const { id, title, kind, width, isWideOnly, sortValue } = column;
  const isSorted = sort.by === id;
  const order = sort.isDescending ? 'descending' : 'ascending';
  return (
    <th
      scope="col"
      aria-sort={sortValue === undefined ? undefined : isSorted ? order : 'none'}
      data-kind={kind}
      data-wide-only={isWideOnly || undefined}
      style={width === undefined ? undefined : { width }}
    >
      {sortValue === undefined ? (
        title
      ) : (
        <button type="button" onClick={() => onSort(toggleSort(sort, id))} title={texts.table.sortBy(title)}>
          {title}
          {isSorted &&
            (sort.isDescending ? <ArrowDown size={14} aria-hidden="true" /> : <ArrowUp size={14} aria-hidden="true" />)}
        </button>
      )}
    </th>
  );
}

/** The place of the rows that are out of sight. */
const Space = ({ height }: { height: number }) => (
  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row can't have the focus
  <tr aria-hidden="true" className="data-table-space">
    <td style={{ height }} />
  </tr>
);
