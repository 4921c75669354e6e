import { SITE } from '../../shell/use-site.ts';
import { texts } from './texts.ts';

/** Where a device is: the list, then each place from the largest to its own, which lead to what is there. */
export function trailOf(site: string | null): { text: string; to: string }[] {
  const places = site?.split('/') ?? [];
  return [
    { text: texts.devices, to: '/devices' },
    ...places.map((text, index) => ({
      text,
      to: `/devices?${new URLSearchParams({ [SITE]: places.slice(0, index + 1).join('/') })}`,
    })),
  ];
}
