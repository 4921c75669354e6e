import { useEffect, useState } from 'react';
import { type Fault, faultsOf } from '../../../../data/faults.ts';

/** A page of a list, and after what the next one begins; null behind the last. */
type Part<Item> = { items: readonly Item[]; after: string | null };
export type Paged<Item> = {
  /** Null before the first page; those that came so far. */
  items: readonly Item[] | null;
  isComplete: boolean;
  faults: readonly Fault[];
  again: () => void;
};

/**
 * All pages of a list, one after the other; what came is there at once.
 *
 * @param key what the list is of: another one begins anew
 * @param load a page; its `null` is a list that is not there
 * @param refreshMs how long until a list that is not there yet is asked for again
 */
export function usePaged<Item>(
  key: string,
  load: (after: string | null) => Promise<Part<Item> | null>,
  refreshMs: number,
): Paged<Item> {
  const [round, setRound] = useState(0);
  const [state, setState] = useState<Omit<Paged<Item>, 'again'>>({ items: null, isComplete: false, faults: [] });
  const [latest] = useState({ load });
  useEffect(() => {
    latest.load = load;
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: the key and the round say when to begin anew
  useEffect(() => {
    let isLeft = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const loadAll = async (): Promise<void> => {
      const items: Item[] = [];
      let after: string | null = null;
      do {
        const part: Part<Item> | null = await latest.load(after);
        if (isLeft) return;
        if (part === null) {
          setState({ items: [], isComplete: true, faults: [] });
          timer = setTimeout(() => setRound((before) => before + 1), refreshMs);
          return;
        }
        items.push(...part.items);
        after = part.after;
        setState({ items: [...items], isComplete: after === null, faults: [] });
      } while (after !== null);
    };
    loadAll().catch((err: unknown) => {
      // What came stays, with the word that it is not all.
      if (!isLeft) setState((before) => ({ ...before, faults: faultsOf(err) }));
    });
    return () => {
      isLeft = true;
      clearTimeout(timer);
    };
  }, [key, round, refreshMs, latest]);

  return { ...state, again: () => setRound((before) => before + 1) };
}
