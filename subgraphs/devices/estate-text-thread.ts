// A thread that reads one estate file, says where its parts stand for as long as it is asked, and ends.
import { parentPort, workerData } from 'node:worker_threads';
import { type Path, readPlacedYaml } from '@wheelhouse/kit/placed-yaml.ts';

const read = readPlacedYaml(String(workerData));
if ('faults' in read) parentPort?.postMessage({ faults: read.faults });
else {
  parentPort?.on('message', (paths: readonly Path[]) => {
    parentPort?.postMessage({ places: paths.map(read.placeOf) });
  });
  parentPort?.postMessage({ content: read.content });
}
