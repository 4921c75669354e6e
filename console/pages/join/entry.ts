import { UserPlus } from 'lucide-react';
import type { PageEntry } from '../../pages.ts';
import { texts } from './texts.ts';

export const entry: PageEntry = {
  paths: ['/join'],
  title: texts.title,
  icon: UserPlus,
  place: 'none',
  order: 900,
  frame: 'anyone',
};
