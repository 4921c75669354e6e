import type { SectionEntry } from '../../sections.ts';
import { texts } from './texts.ts';

export const entry: SectionEntry = { title: texts.title, order: 20, types: ['AudioCore'], when: 'present' };
