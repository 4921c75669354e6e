import { CircleAlert, CircleCheck, X } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { createStore } from '../store.ts';
import { Button } from './button.tsx';
import './toast.css';
import { texts } from './texts.ts';

type Toast = { id: number; kind: 'done' | 'failed'; text: string };

const toasts = createStore<readonly Toast[]>([]);
const SHOWN_MS = 6_000;
let lastId = 0;

const dismiss = (id: number): void => toasts.set(toasts.get().filter((toast) => toast.id !== id));

/** Says what came of something. What went well goes away by itself; what failed stays until it was read. */
export function say(kind: Toast['kind'], text: string): void {
  lastId += 1;
  const id = lastId;
  toasts.set([...toasts.get().slice(-3), { id, kind, text }]);
  if (kind === 'done') setTimeout(() => dismiss(id), SHOWN_MS);
}

/** Where messages appear; once, in the shell. */
export function Toasts() {
  const shown = useSyncExternalStore(toasts.subscribe, toasts.get);
  return (
    <section className="toasts" aria-live="polite" aria-label={texts.toast.region}>
      {shown.map(({ id, kind, text }) => (
        <div key={id} className="toast" data-kind={kind}>
          {kind === 'done' ? <CircleCheck aria-hidden="true" /> : <CircleAlert aria-hidden="true" />}
          <span>{text}</span>
          <Button
            kind="plain"
            aria-label={texts.toast.dismiss}
            icon={<X aria-hidden="true" />}
            onPress={() => dismiss(id)}
          />
        </div>
      ))}
    </section>
  );
}
