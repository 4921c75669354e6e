import { runUntilSignal } from '@wheelhouse/kit/lifecycle.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { readOptions, USAGE, UsageError } from './config.ts';
import { runMuseum } from './museum/run-museum.ts';

function optionsOrExit() {
  try {
    return readOptions(process.argv.slice(2));
  } catch (err) {
    if (!(err instanceof UsageError)) throw err;
    process.stderr.write(`${err.message}\n\n${USAGE}\n`);
    process.exit(2);
  }
}

const { logLevel, ...options } = optionsOrExit();
const logger = createLogger({ name: 'simulators', level: logLevel });

await runUntilSignal(logger, async (stops) => {
  const museum = await runMuseum({ ...options, logger });
  stops.own('museum', museum, ({ close }) => close());
  const { controlUrl, estate, cores } = museum;
  process.stdout.write(
    `${estate.devices.length} simulated devices; play with them at ${controlUrl}/displays, /exhibits, /players, /cores and /appspace\n`,
  );
  for (const { name, host, tcpPort, webSocketUrl } of cores) {
    process.stdout.write(
      `${name}: QRC at ${host}:${tcpPort} and ${webSocketUrl}; play with it at ${controlUrl}/cores\n`,
    );
  }
  process.send?.({ kind: 'ready', controlUrl, estate });
});
