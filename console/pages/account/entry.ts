import { KeyRound } from 'lucide-react';
import type { PageEntry } from '../../pages.ts';
import { texts } from './texts.ts';

export const entry: PageEntry = { paths: ['/account'], title: texts.title, icon: KeyRound, place: 'menu', order: 10 };
