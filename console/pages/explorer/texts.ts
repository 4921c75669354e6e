export const texts = {
  title: 'Explorer',
  words: 'Ask the graph, signed in as you are. The book on the left has every type and field with what it means.',
  frame: 'GraphiQL',
  alone: 'Open it in a window of its own',
  off: {
    title: 'The graph does not tell about itself here',
    text: 'Without its schema there is nothing to explore. Whoever runs this Wheelhouse can allow it: ROUTER_INTROSPECTION=true.',
  },
};
