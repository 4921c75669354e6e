import { ShieldCheck } from 'lucide-react';
import type { PageEntry } from '../../pages.ts';
import { texts } from './texts.ts';

// Everybody has API keys of their own, so nobody is refused the page as a whole; who has nothing else here comes from their account.
export const entry: PageEntry = {
  paths: ['/admin', '/admin/:part'],
  title: texts.title,
  icon: ShieldCheck,
  place: 'rail',
  order: 80,
  offeredTo: ['accounts:write', 'audit:read', 'services:read', 'estate:write'],
};
