// Runs in GraphiQL's page after GraphiQL has come: it starts it, in the console's theme, and mends what it has no option for.
// Plain JavaScript, since a browser reads it.
(() => {
  const { monaco, YogaGraphiQL } = window;
  const root = document.querySelector('#root');
  /** Where the console keeps what is chosen in this browser (console/preferences.ts). */
  const PREFERENCES = 'wheelhouse.preferences';
  const THEMES = { light: 'wheelhouse-light', dark: 'wheelhouse-dark' };
  /** What an editor is called for who can't see it, by the end of its file's name. */
  const LABELS = [
    [/variables\.json$/, 'Variables'],
    [/headers\.json$/, 'Headers'],
    [/response\.json$/, 'Answer'],
    [/\.graphql$/, 'Operation'],
  ];

  const define = (name, base, quiet, comment) =>
    monaco.editor.defineTheme(name, {
      ...{ base, inherit: true, rules: [{ token: 'comment', foreground: comment }] },
      // The page's own ground is seen through it.
      colors: { 'editor.background': '#00000000', 'editorLineNumber.foreground': quiet },
    });
  define(THEMES.light, 'vs', '#525d6d', '#006b00');
  define(THEMES.dark, 'vs-dark', '#a3adbc', '#8bb974');

  let doesTabLeadOn = false;
  monaco.editor.onDidCreateEditor((editor) => {
    // Tab leads on, as everywhere: an editor that keeps it is a trap for who has no mouse (WCAG 2.2, 2.1.2). One switch holds for all editors, and
    // is there once one of them has a text.
    editor.onDidFocusEditorText(() => {
      if (!doesTabLeadOn) editor.trigger('start', 'editor.action.toggleTabFocusMode');
      doesTabLeadOn = true;
    });
    const name = () => {
      const path = editor.getModel()?.uri.path ?? '';
      const label = LABELS.find(([pattern]) => pattern.test(path))?.[1];
      if (label === undefined) return;
      editor.updateOptions({ ariaLabel: label });
      // The stop of the Tab key, from which Enter leads into the text.
      const stop = editor.getContainerDomNode();
      stop.setAttribute('role', 'group');
      stop.setAttribute('aria-label', `${label}: press Enter to go into it`);
    };
    name();
    editor.onDidChangeModel(name);
  });

  /** GraphiQL has its tabs as list items that are tabs and hold buttons, which nobody can tell apart: they become buttons in a list. */
  const mendTabs = () => {
    for (const tab of root.querySelectorAll('.graphiql-tab[role]')) {
      tab.removeAttribute('role');
      tab.parentElement.removeAttribute('role');
    }
    for (const tab of root.querySelectorAll('.graphiql-tab[aria-selected]')) {
      const isChosen = tab.getAttribute('aria-selected') === 'true';
      tab.removeAttribute('aria-selected');
      tab.querySelector('.graphiql-tab-button')?.setAttribute('aria-current', String(isChosen));
    }
  };
  const attributeFilter = ['role', 'aria-selected'];
  new MutationObserver(mendTabs).observe(root, { childList: true, subtree: true, attributeFilter });

  const systemIsDark = window.matchMedia('(prefers-color-scheme: dark)');
  const themeNow = () => {
    let chosen;
    try {
      chosen = JSON.parse(localStorage.getItem(PREFERENCES) ?? '{}').theme;
    } catch {
      // Storage that is forbidden or holds something else: the system's own choice stands.
    }
    return chosen === 'light' || chosen === 'dark' ? chosen : systemIsDark.matches ? 'dark' : 'light';
  };
  const follow = () => {
    const theme = themeNow();
    document.documentElement.style.colorScheme = theme;
    document.body.classList.remove('graphiql-light', 'graphiql-dark');
    document.body.classList.add(`graphiql-${theme}`);
    monaco.editor.setTheme(THEMES[theme]);
  };
  systemIsDark.addEventListener('change', follow);
  window.addEventListener('storage', ({ key }) => key === PREFERENCES && follow());

  // The console has a main part, and this is in it.
  if (window.top === window) root.setAttribute('role', 'main');
  YogaGraphiQL.renderYogaGraphiQL(root, {
    ...JSON.parse(root.dataset.options),
    // The theme is chosen in the console, and nowhere else.
    forcedTheme: themeNow(),
    editorTheme: THEMES,
    // What stands under Headers may be a token: it is forgotten with the page.
    shouldPersistHeaders: false,
    // The builder of queries that comes with it is for the mouse alone, and its fields have no names.
    plugins: [],
    showPersistHeadersSettings: false,
    logo: ' ',
  });
  follow();
})();
