import { texts as audit } from './audit/texts.ts';
import { texts as imports } from './import/texts.ts';
import { texts as keys } from './keys/texts.ts';
import { texts as services } from './services/texts.ts';
import { texts as users } from './users/texts.ts';

export const texts = {
  title: 'Admin',
  parts: 'Parts of Admin',
  part: {
    users: 'Users',
    keys: 'API keys',
    audit: 'Audit log',
    services: 'Services',
    import: 'Estate import',
  },
  once: {
    copy: 'Copy',
    copied: 'Copied.',
    copyByHand: 'It is selected: press Ctrl-C to copy it.',
  },
  reason: 'Why, for the audit log',
  actionsFor: (name: string) => `Actions for ${name}`,
  users,
  keys,
  audit,
  services,
  imports,
};
