/**
 * The colour of a token as the browser resolves it now, such as `rgb(180, 35, 24)`: what is drawn on a canvas can't say `var()`. It differs
 * by theme: read it anew when that changes (`usePreferences`).
 */
export function readColour(token: `--${string}`): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${token})`;
  probe.hidden = true;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
