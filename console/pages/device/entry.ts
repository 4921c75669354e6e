import { MonitorSmartphone } from 'lucide-react';
import type { PageEntry } from '../../pages.ts';
import { texts } from './texts.ts';

export const entry: PageEntry = {
  paths: ['/devices/:id'],
  title: texts.title,
  icon: MonitorSmartphone,
  place: 'none',
  order: 0,
  scopes: ['estate:read'],
};
