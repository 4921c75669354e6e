import type { LucideIcon } from 'lucide-react';
import type { ComponentType } from 'react';

/** What a page's folder says of it in entry.ts, so that the page itself is loaded only when somebody goes there. */
export type PageEntry = {
  /** The addresses that it answers, as react-router writes them: `/devices/:id`. The first is where links to it lead. */
  paths: readonly [string, ...string[]];
  title: string;
  icon: LucideIcon;
  /**
   * Where it is offered. `rail`: one of the five or six places, the first of which is home. `menu`: the viewer's menu.
   * `none`: others lead there.
   */
  place: 'rail' | 'menu' | 'none';
  /** Its place among those; tens, so that there is room between. */
  order: number;
  /** Whoever lacks one of these scopes is not offered it, and is told so when they come by its address. @default none */
  scopes?: readonly string[];
  /** It is offered to those who have one of these scopes; the others may come by its address. @default everybody who may see it */
  offeredTo?: readonly string[];
  /** `bare`: without the rail, for screens on a wall. `anyone`: bare, and without a sign-in. @default "shell" */
  frame?: 'shell' | 'bare' | 'anyone';
  /** Whether the site that is chosen in the rail narrows it. @default false */
  isBySite?: boolean;
};

export type Page = PageEntry & { name: string; load: () => Promise<{ Page: ComponentType }> };

const entries = import.meta.glob<PageEntry>('./pages/*/entry.ts', { eager: true, import: 'entry' });
const modules = import.meta.glob<{ Page: ComponentType }>('./pages/*/page.tsx');

/** Every folder in pages/ that has an entry.ts, in their order. */
export const pages: readonly Page[] = Object.entries(entries)
  .map(([path, entry]): Page => {
    const name = path.split('/')[2] ?? '';
    const load = modules[`./pages/${name}/page.tsx`];
    if (load === undefined) throw new Error(`console/pages/${name} has an entry.ts, and no page.tsx`);
    return { ...entry, name, load };
  })
  .sort((a, b) => a.order - b.order);
