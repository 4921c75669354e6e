import { Volume2, VolumeX } from 'lucide-react';
import { texts } from './texts.ts';

/** A mute as shape, colour and word. */
export const MuteWords = ({ isMuted }: { isMuted: boolean }) => (
  <>
    {isMuted ? <VolumeX aria-hidden="true" /> : <Volume2 aria-hidden="true" />}
    <span>{isMuted ? texts.control.muted : texts.control.unmuted}</span>
  </>
);
