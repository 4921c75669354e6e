// Runs before the first paint, so that a page in the dark does not flash. preferences.ts keeps what is read here.
try {
  const { theme, density } = JSON.parse(localStorage.getItem('wheelhouse.preferences') ?? '{}');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  if (density === 'compact') document.documentElement.dataset.density = density;
} catch {
  // Storage that is forbidden or holds something else: the system's own choice stands.
}
