import { useEffect, useRef } from 'react';
import { useLocation } from 'react-router';

/** A page that takes longer to show its heading is not waited for: by then people are somewhere else. */
const PATIENCE_MS = 5_000;

const headingOf = (page: Element): HTMLElement | null => page.querySelector('h1');

/** Puts the focus on the heading as soon as there is one, and again when it is made anew; ends when somebody acts, or something else takes the focus. @returns how to end it before */
function leadToHeading(page: HTMLElement): () => void {
  const origin = document.activeElement;
  const lead = (): void => {
    const heading = headingOf(page);
    const at = document.activeElement;
    const isOurs = at === null || at === document.body || at === origin || at === page || !at.isConnected;
    if (heading === null || at === heading || !isOurs) return;
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  };
  const ends = new AbortController();
  const observer = new MutationObserver(lead);
  const end = (): void => {
    ends.abort();
    observer.disconnect();
    clearTimeout(timer);
    cancelAnimationFrame(frame);
  };
  const timer = setTimeout(end, PATIENCE_MS);
  for (const acts of ['keydown', 'pointerdown']) addEventListener(acts, end, { capture: true, signal: ends.signal });
  // After a dialog or a menu that led here has put the focus back to where it was opened.
  let frame = requestAnimationFrame(() => {
    frame = requestAnimationFrame(() => {
      lead();
      // What takes the focus from then on is meant to have it.
      const onFocus = ({ target }: FocusEvent): void => {
        if (target !== page && target !== headingOf(page)) end();
      };
      addEventListener('focusin', onFocus, { signal: ends.signal });
    });
  });
  observer.observe(page, { childList: true, subtree: true });
  return end;
}

/**
 * Leads who goes to another page on to its heading: who can't see it hears where they are, and Tab goes on from there. Parts of one page, which has
 * the same heading, leave the focus on the link that was pressed.
 */
export function usePageFocus(): void {
  const { pathname } = useLocation();
  const last = useRef<{ pathname: string; heading: string | null } | null>(null);
  useEffect(() => {
    const page = document.querySelector<HTMLElement>('#page');
    if (page === null) return;
    const heading = headingOf(page)?.textContent ?? null;
    const before = last.current;
    last.current = { pathname, heading };
    if (before === null || before.pathname === pathname) return;
    const isLost = document.activeElement === null || document.activeElement === document.body;
    if (heading !== null && before.heading === heading && !isLost) return;
    return leadToHeading(page);
  }, [pathname]);
}
