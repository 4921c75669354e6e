import { Power, PowerOff, Sun, X } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../../components/button.tsx';
import './bulk.css';
import { type BulkAction, BulkDialog } from './bulk-dialog.tsx';
import type { Target } from './bulk-rules.ts';
import { texts } from './texts.ts';

/** What can be done with the rows that are chosen; nothing while none are. */
export function BulkBar(props: { displays: readonly Target[]; chosen: number; onClear: () => void }) {
  const { displays, chosen, onClear } = props;
  const [action, setAction] = useState<BulkAction | null>(null);
  if (chosen === 0) return null;
  const isNone = displays.length === 0;
  return (
    <section className="bulk-bar" aria-label={texts.region}>
      <span className="number" role="status">
        {texts.chosen(displays.length, chosen)}
      </span>
      <span className="bulk-actions">
        <Button icon={<Power aria-hidden="true" />} isDisabled={isNone} onPress={() => setAction('ON')}>
          {texts.on}
        </Button>
        <Button icon={<PowerOff aria-hidden="true" />} isDisabled={isNone} onPress={() => setAction('OFF')}>
          {texts.off}
        </Button>
        <Button icon={<Sun aria-hidden="true" />} isDisabled={isNone} onPress={() => setAction('dim')}>
          {texts.dimTo}
        </Button>
        <Button kind="plain" icon={<X aria-hidden="true" />} onPress={onClear}>
          {texts.clear}
        </Button>
      </span>
      {action !== null && (
        <BulkDialog action={action} targets={displays} onClose={() => setAction(null)} onBegun={onClear} />
      )}
    </section>
  );
}
