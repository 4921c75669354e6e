// The displays that both sides of the bench look at: simulated agents on loopback, whose measured values move all the time.
import { startDisplays } from '@wheelhouse/simulators/displays/start-displays.ts';
import { ACCESS, type DisplaysMessage, isVersion } from './peers.ts';

/** Every display moves once in ten seconds, a hundredth of them at a time: to move all at once would hold up their answers. */
const MOVE_MS = 100;
const SHARES = 100;

const [count, version] = [Number(process.argv[2]), process.argv[3]];
if (!isVersion(version)) throw new Error(`no SNMP version ${version}`);
const definitions = Array.from({ length: count }, (_, index) => ({
  name: `Display ${index + 1}`,
  profile: 'wheelhouse-fida' as const,
  access: ACCESS[version],
}));
const { displays } = await startDisplays(definitions);
let step = 0;
setInterval(() => {
  step += 1;
  for (let index = step % SHARES; index < displays.length; index += SHARES)
    displays[index]?.set({
      temperatureCelsius: 35 + ((step * 7 + index) % 100) / 10,
      ambientLightLux: 300 + ((step + index) % 50),
    });
}, MOVE_MS);
process.once('disconnect', () => process.exit());
const message: DisplaysMessage = { ports: displays.map(({ port }) => port) };
process.send?.(message);
