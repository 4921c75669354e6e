import { MonitorSmartphone } from 'lucide-react';
import type { PageEntry } from '../../pages.ts';
import { texts } from './texts.ts';

export const entry: PageEntry = {
  paths: ['/devices'],
  title: texts.title,
  icon: MonitorSmartphone,
  place: 'rail',
  order: 20,
  scopes: ['estate:read'],
  isBySite: true,
};
