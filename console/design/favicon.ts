/** The highest number that is still readable in a tab; above it stands "9+". */
export const HIGHEST_COUNT = 9;

/** The name of the icon for so many offline devices: `calm`, `1` to `9`, or `many`. */
export function faviconName(offline: number): string {
  if (offline <= 0) return 'calm';
  return offline > HIGHEST_COUNT ? 'many' : String(offline);
}

export const faviconNames: readonly string[] = [
  ...Array.from({ length: HIGHEST_COUNT + 1 }, (_, offline) => faviconName(offline)),
  faviconName(HIGHEST_COUNT + 1),
];

/** The icon: a wheel while all is well, and a square in the colour of OFFLINE with the number otherwise. `offlineColour` is light-dark's two. */
export function faviconSvg(name: string, offlineColour: { light: string; dark: string }): string {
  const svg = (body: string): string =>
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><style>.o{fill:${offlineColour.light}}.w{stroke:#0f6b66}@media(prefers-color-scheme:dark){.o{fill:${offlineColour.dark}}.n{fill:#11151b}.w{stroke:#55c7bd}}</style>${body}</svg>`;
  if (name === 'calm') {
    const spokes = [0, 60, 120].map((angle) => `<path d="M16 3v26" transform="rotate(${angle} 16 16)"/>`).join('');
    return svg(`<g class="w" fill="none" stroke-width="3"><circle cx="16" cy="16" r="9"/>${spokes}</g>`);
  }
  const text = name === 'many' ? '9+' : name;
  return svg(
    `<rect class="o" width="32" height="32" rx="6"/><text class="n" x="16" y="23" text-anchor="middle" font-family="sans-serif" font-weight="700" font-size="20" fill="#fff">${text}</text>`,
  );
}
