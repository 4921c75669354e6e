import { Maximize, Minimize } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { Button } from '../../components/button.tsx';
import { say } from '../../components/toast.tsx';
import { texts } from './texts.ts';

const subscribe = (listener: () => void): (() => void) => {
  document.addEventListener('fullscreenchange', listener);
  return () => document.removeEventListener('fullscreenchange', listener);
};

/** Gives the page the whole screen, and takes it back. Nothing where the browser can't. */
export function FullScreen() {
  const isFull = useSyncExternalStore(subscribe, () => document.fullscreenElement !== null);
  if (!document.fullscreenEnabled) return null;
  const turn = (): void => {
    const turned = isFull ? document.exitFullscreen() : document.documentElement.requestFullscreen();
    turned.catch(() => say('failed', texts.fullScreenRefused));
  };
  return (
    <Button
      kind="plain"
      aria-label={isFull ? texts.leaveFullScreen : texts.fullScreen}
      icon={isFull ? <Minimize aria-hidden="true" /> : <Maximize aria-hidden="true" />}
      onPress={turn}
    />
  );
}
