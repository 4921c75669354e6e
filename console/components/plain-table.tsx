import type { ReactNode } from 'react';
import './plain-table.css';

/** A table that is as long as it is, in a region of its own that scrolls where there is no room, and is called `label`. `children`: its head and body. */
export const PlainTable = (props: { label: string; className?: string; children: ReactNode }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard (WCAG 2.1.1)
  <section className={`plain-table-region ${props.className ?? ''}`} aria-label={props.label} tabIndex={0}>
    <table className="plain-table">{props.children}</table>
  </section>
);
