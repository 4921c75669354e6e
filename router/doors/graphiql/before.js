// Runs in GraphiQL's page before GraphiQL. Plain JavaScript, since a browser reads it.
(() => {
  const files = document.currentScript.src.replace(/[^/]*$/, '');
  const workers = { editorWorkerService: 'editor.worker.js', json: 'json.worker.js', graphql: 'graphql.worker.js' };
  // globalAPI: Monaco, the editor in it, is then in reach of start.js.
  window.MonacoEnvironment = { globalAPI: true, getWorkerUrl: (_module, label) => files + workers[label] };
  document.documentElement.toggleAttribute('data-framed', window.top !== window);
})();
