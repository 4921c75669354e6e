// Runs in the pages of the console before their own scripts: what only a page can tell of itself. Plain JavaScript, since a browser reads it.
(() => {
  const INTERACTIVE =
    'a[href], button, input:not([type=hidden]), select, textarea, summary, [contenteditable=true], [tabindex]:not([tabindex="-1"]), ' +
    '[role=button], [role=link], [role=checkbox], [role=switch], [role=tab], [role=slider], [role=option], [role=menuitem]';
  /** One stop with the Tab key, and arrows within (ARIA Authoring Practices, "Keyboard navigation inside components"). */
  const COMPOSITE =
    '[role=toolbar], [role=tablist], [role=radiogroup], [role=grid], [role=listbox], [role=menu], [role=tree], [role=slider]';
  const reached = new Set();
  const violations = [];
  document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile }) =>
    violations.push(`${violatedDirective} ${blockedURI} ${sourceFile}`),
  );
  const roved = new Set();
  let hasLeft = false;
  document.addEventListener(
    'focusin',
    ({ target }) => {
      // From the last stop the focus comes back to the first: what was not reached yet is no sign of an end, but of something that was made anew.
      if (!reached.has(target)) hasLeft = false;
      reached.add(target);
    },
    true,
  );
  document.addEventListener(
    'focusout',
    ({ target, relatedTarget }) => {
      // What is taken away loses the focus too.
      if (relatedTarget === null && target.isConnected) hasLeft = true;
    },
    true,
  );

  const nameOf = (element) =>
    `${element.tagName.toLowerCase()} ${element.getAttribute('aria-label') ?? element.getAttribute('name') ?? ''} ${(element.textContent ?? '').trim().slice(0, 40)} [${element.className}]`;
  const isShown = (element) =>
    element.checkVisibility({ visibilityProperty: true }) &&
    element.getBoundingClientRect().width > 0 &&
    element.closest('[aria-hidden=true], [inert]') === null &&
    !element.matches(':disabled');
  /** What a stop stands for: a group of radio buttons is one. */
  const stopOf = (element) => {
    const composite = element.closest(COMPOSITE);
    if (composite !== null) return composite;
    if (element.type !== 'radio' || element.name === '') return element;
    return [...document.querySelectorAll('input[type=radio]')].find(({ name }) => name === element.name);
  };

  window.wheelhouseChecks = {
    violations,
    /** The next press of Tab leads to the first stop: a browser goes on from where what had the focus was (HTML, "sequential focus navigation starting point"). */
    beginTabbing: () => {
      const start = document.createElement('span');
      start.tabIndex = -1;
      document.body.prepend(start);
      start.focus();
      start.remove();
      reached.clear();
      roved.clear();
      hasLeft = false;
    },
    /** Whether the focus has been outside of the page since: behind the last stop. */
    hasLeft: () => hasLeft && document.activeElement?.tagName !== 'IFRAME',
    /**
     * Goes to the stop of a group whose others are left to the arrow keys, and says how many those are; 0 when all such groups were gone to.
     * That a group has one stop is good practice; that the arrows lead on is what is to be seen.
     */
    beginGroup: () => {
      for (const element of document.querySelectorAll(INTERACTIVE)) {
        const group = element.closest('ul, ol, [role=group]');
        if (reached.has(element) || element.tabIndex >= 0 || !isShown(element) || group === null || roved.has(group))
          continue;
        roved.add(group);
        const inside = [...group.querySelectorAll(INTERACTIVE)];
        const stop = inside.find((one) => reached.has(one));
        if (stop === undefined) continue;
        stop.focus();
        return inside.length;
      }
      return 0;
    },
    /** Goes to a stop that Enter leads into, such as that of an editor of code; false when all of them were gone to. */
    beginEntry: () => {
      for (const element of document.querySelectorAll(INTERACTIVE)) {
        const stop = element.parentElement?.closest('[tabindex="0"]');
        if (reached.has(element) || element.tabIndex >= 0 || !isShown(element)) continue;
        if (stop == null || !reached.has(stop) || roved.has(stop)) continue;
        roved.add(stop);
        stop.focus();
        return true;
      }
      return false;
    },
    /** Where the focus is held: Tab was pressed in what Enter led into, and it is there still. */
    held: () => {
      const at = document.activeElement;
      return at !== null && at.tabIndex < 0 && reached.has(at) && at.matches(INTERACTIVE)
        ? [`held in ${nameOf(at)}`]
        : [];
    },
    /** What can be used with a mouse, and was not reached. */
    unreached: () => {
      const stops = new Set([...reached].map(stopOf));
      const isReached = (element) =>
        reached.has(element) ||
        stops.has(stopOf(element)) ||
        (element.closest(COMPOSITE) !== null && stops.has(element.closest(COMPOSITE)));
      return [...document.querySelectorAll(INTERACTIVE)]
        .filter((element) => isShown(element) && !isReached(element))
        .map(nameOf);
    },
    /** What looks as if it could be pressed, and is nothing that can have the focus. */
    mouseOnly: () =>
      [...document.querySelectorAll('body *')]
        .filter((element) => getComputedStyle(element).cursor === 'pointer' && isShown(element))
        .filter((element) => element.closest(`${INTERACTIVE}, label`) === null)
        // The track of a slider, whose thumb has the focus.
        .filter((element) => !element.closest('[role=group]')?.querySelector('input[type=range]'))
        .map(nameOf),
    /** Elements that none of the console's own sources makes. */
    injected: () =>
      [
        ...document.querySelectorAll(
          '[onerror], [onload], [onclick], [onmouseover], img[src="x"], script:not([src]), iframe:not([src^="/graphql"]), object, embed',
        ),
      ].map(({ outerHTML }) => outerHTML.slice(0, 200)),
    /** By how much the page is wider than the screen, and the widest things in it. */
    sideways: () => {
      const width = document.documentElement.clientWidth;
      const over = Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - width;
      const isClipped = (element) => {
        for (let at = element.parentElement; at !== null && at !== document.body; at = at.parentElement)
          if (getComputedStyle(at).overflowX !== 'visible') return true;
        return false;
      };
      const widest = [...document.querySelectorAll('body *')]
        .filter((element) => element.getBoundingClientRect().right > width + 1 && !isClipped(element))
        .slice(0, 5)
        .map(nameOf);
      return over > 0 ? [`${over} px too wide`, ...widest] : [];
    },
    stored: () => [
      document.cookie,
      ...[localStorage, sessionStorage].flatMap((storage) => Object.values({ ...storage })),
    ],
  };
})();
