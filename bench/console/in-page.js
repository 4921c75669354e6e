// Runs in the browser before anything of a page does: what only the page itself can see. Called by screen.ts.
/** The times between frames, in ms, for so long. */
globalThis.benchFrames = (forMs) =>
  new Promise((resolve) => {
    const times = [];
    let last = 0;
    let end = 0;
    const step = (now) => {
      if (last > 0) times.push(now - last);
      else end = now + forMs;
      last = now;
      if (now < end) requestAnimationFrame(step);
      else resolve(times);
    };
    requestAnimationFrame(step);
  });

/** From the next press of a form's button until the frame in which so many tiles stand there, in ms. */
globalThis.benchFirstView = (tiles) => {
  globalThis.benchViewed = new Promise((resolve) => {
    addEventListener(
      'submit',
      () => {
        const pressed = performance.now();
        const step = () => {
          if (document.querySelectorAll('.wall-tile').length < tiles) requestAnimationFrame(step);
          else requestAnimationFrame(() => resolve(performance.now() - pressed));
        };
        step();
      },
      { capture: true, once: true },
    );
  });
};

/** What each tile says, by the id of its device. */
globalThis.benchTiles = () =>
  Object.fromEntries(
    [...document.querySelectorAll('.wall-tile')].map((tile) => [
      tile.getAttribute('href').slice('/devices/'.length),
      tile.dataset.status,
    ]),
  );
