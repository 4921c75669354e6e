import { LayoutGrid } from 'lucide-react';
import type { PageEntry } from '../../pages.ts';
import { texts } from './texts.ts';

export const entry: PageEntry = {
  paths: ['/wall'],
  title: texts.title,
  icon: LayoutGrid,
  place: 'rail',
  // The first: home.
  order: 10,
  scopes: ['estate:read'],
  frame: 'bare',
  isBySite: true,
};
