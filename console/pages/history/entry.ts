import { ChartNoAxesColumn } from 'lucide-react';
import type { PageEntry } from '../../pages.ts';
import { texts } from './texts.ts';

export const entry: PageEntry = {
  paths: ['/history'],
  title: texts.title,
  icon: ChartNoAxesColumn,
  place: 'rail',
  order: 40,
  scopes: ['history:read'],
  isBySite: true,
};
