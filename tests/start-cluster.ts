// Starts one process of each kind in the folder given, says their numbers, and waits to be killed: a launcher for a test.
import { startTestCluster } from './cluster.ts';

const ONE = { devices: 1, 'devices-worker': 1, fida: 1, 'fida-worker': 1, router: 1 };
const { processes } = await startTestCluster({ queues: 'postgres', replicas: ONE, folder: process.argv[2] ?? '' });
process.stdout.write(`${JSON.stringify(processes.map(({ name, pid }) => ({ name, pid })))}\n`);
setInterval(() => {}, 60_000);
