import { Braces } from 'lucide-react';
import type { PageEntry } from '../../pages.ts';
import { texts } from './texts.ts';

export const entry: PageEntry = {
  paths: ['/explorer'],
  title: texts.title,
  icon: Braces,
  place: 'menu',
  order: 20,
};
