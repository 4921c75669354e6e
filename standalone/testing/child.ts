// A child of the supervisor that does what its argument says.
switch (process.argv[2]) {
  case 'serve':
    process.on('SIGTERM', () => process.exit(0));
    setInterval(() => {}, 60_000);
    process.send?.({ kind: 'ready', url: 'http://127.0.0.1:1' });
    break;
  case 'refuse':
    process.send?.({ kind: 'failed', message: 'the cupboard is bare' }, () => process.exit(1));
    break;
  default:
    process.stderr.write('last words\n');
    process.exit(3);
}
