// What `npm start` and its kin run. Plain JavaScript without a dependency: it works before anything is installed, on
// Node 20 or newer, and hands over to Node 24 from node_modules.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  existsSync,
  constants as fsConstants,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { constants, homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MODULES = join(ROOT, 'node_modules');
/** The oldest Node that the package client runs on. */
const BOOTSTRAP_NODE_MAJOR = 20;
const NODE_MAJOR = 24;
/** import.meta.main came with it. */
const NODE_MINOR = 2;
/** Programs whose arguments name files: they run where the user stands, the others in the clone. */
const RUN_WHERE_CALLED = ['start', 'cluster', 'router', 'rotate-secret-key'];
/** Programs that serve the console, or test it: it is built for them when its sources have changed. */
const WITH_CONSOLE = ['start', 'cluster', 'test', 'coverage', 'bench', 'screenshots'];
const PROGRAMS = {
  start: ['standalone/main.ts'],
  cluster: ['standalone/cluster/main.ts'],
  test: ['standalone/test.ts'],
  coverage: ['standalone/test.ts', '--coverage'],
  check: ['standalone/check.ts'],
  console: ['console/dev.ts'],
  migrate: ['standalone/migrate.ts'],
  router: ['router/main.ts'],
  'rotate-secret-key': ['standalone/rotate-secret-key.ts'],
  bench: ['bench/main.ts'],
  screenshots: ['tests/console/screenshots.ts'],
  audit: ['standalone/supply-chain/audit.ts'],
  licences: ['standalone/supply-chain/list-licences.ts'],
  sbom: ['standalone/supply-chain/sbom.ts'],
};

function fail(message) {
  console.error(message);
  process.exit(1);
}

function isWritable(folder) {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, fsConstants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** What the installed packages depend on; when it changes they are installed anew. */
function wantedInstall() {
  const hash = createHash('sha256').update(`${process.platform}-${process.arch}`);
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json'])
    hash.update(readFileSync(join(ROOT, file)));
  return hash.digest('hex');
}

/** Lets one installation run at a time: `npm test` may be started beside `npm start` in a fresh clone. */
async function withInstallLock(work) {
  const lock = join(MODULES, '.wheelhouse-installing');
  if (!isWritable(MODULES)) fail(`Packages are installed into ${MODULES}, and this user may not write there.`);
  for (let said = false; ; ) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (err) {
      if (err.code !== 'EEXIST') throw err;
    }
    const holder = Number(existsSync(lock) ? readFileSync(lock, 'utf8') : 0);
    let alive = holder > 0;
    try {
      if (alive) process.kill(holder, 0);
    } catch (err) {
      alive = err.code === 'EPERM';
    }
    // An empty file is one that is being written at this moment.
    if (!alive && holder > 0) rmSync(lock, { force: true });
    else if (!said) {
      console.log(`Waiting for another installation (process ${holder}) ...`);
      said = true;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  try {
    await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function installEnvironment() {
  // npm's own pauses between tries leave a user without network waiting for more than a minute, without a word.
  const tries = { npm_config_fetch_retry_mintimeout: '1000', npm_config_fetch_retry_maxtimeout: '5000' };
  const env = { ...process.env, ...tries, npm_config_loglevel: 'error', npm_config_update_notifier: 'false' };
  const home = homedir();
  const cache = env.npm_config_cache || join(home, '.npm');
  // Service users often have a home that does not exist or is not theirs.
  if (isWritable(home) && isWritable(cache)) return env;
  const ownHome = join(MODULES, '.home');
  mkdirSync(ownHome, { recursive: true });
  return { ...env, HOME: ownHome, npm_config_cache: join(ownHome, '.npm') };
}

async function install(pnpm) {
  const started = Date.now();
  console.log('Installing packages from npm (the first time takes a minute or so) ...');
  const args = [
    '--yes',
    pnpm,
    'install',
    '--frozen-lockfile',
    '--reporter=append-only',
    '--config.confirm-modules-purge=false',
  ];
  const child = spawn('npx', args, { cwd: ROOT, env: installEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
  const output = [];
  let shownAt = started;
  let retryShownAt = 0;
  const show = (line) => {
    output.push(line);
    const progress = /^Progress: (.*)/.exec(line)?.[1];
    if (progress && Date.now() - shownAt > 3000) {
      console.log(`  ${progress}`);
      shownAt = Date.now();
    } else if (/will retry/i.test(line) && Date.now() - retryShownAt > 5000) {
      console.log('  the registry does not answer, trying again');
      retryShownAt = Date.now();
    }
  };
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream.setEncoding('utf8').on('data', (chunk) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop();
      lines.forEach(show);
    });
    stream.on('end', () => rest && show(rest));
  }
  const exitCode = await new Promise((resolve) => {
    child.once('error', (err) => {
      output.push(String(err));
      resolve(1);
    });
    child.once('close', resolve);
  });
  if (exitCode === 0) {
    console.log(`  installed in ${((Date.now() - started) / 1000).toFixed(0)} s`);
    return;
  }
  console.error(output.slice(-30).join('\n'));
  const network =
    /E(NOTFOUND|CONNREFUSED|CONNRESET|TIMEDOUT|AI_AGAIN|HOSTUNREACH|NETUNREACH|SOCKETTIMEDOUT)|META_FETCH_FAIL|FETCH_ERROR|error sending request/;
  fail(
    network.test(output.join('\n'))
      ? '\nThe npm registry could not be reached (details above). Check the network, or name another registry with ' +
          '"npm config set registry URL", then start again.'
      : '\nThe packages could not be installed (details above).',
  );
}

async function ensureInstalled() {
  const stamp = join(MODULES, '.wheelhouse-installed');
  const isCurrent = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === wantedInstall();
  if (isCurrent()) return;
  const { packageManager } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  await withInstallLock(async () => {
    if (isCurrent()) return;
    await install(packageManager);
    writeFileSync(stamp, wantedInstall());
  });
}

/** A Node that runs TypeScript: the one from npm where there is one for this platform, else the one we run on. */
function findNode() {
  for (const node of [join(MODULES, '.bin', 'node'), process.execPath]) {
    const { stdout, status } = spawnSync(node, ['--version'], { encoding: 'utf8' });
    const [, major, minor] = (status === 0 && /^v(\d+)\.(\d+)/.exec(stdout)) || [];
    if (major > NODE_MAJOR || (Number(major) === NODE_MAJOR && minor >= NODE_MINOR)) return node;
  }
  return fail(
    `Wheelhouse needs Node ${NODE_MAJOR}.${NODE_MINOR} or newer. npm has none for ${process.platform}-${process.arch}, and this is ${process.version}: ` +
      'install it from https://nodejs.org and start again.',
  );
}

/** With the programs of the packages, the Node that runs TypeScript among them. */
const environment = () => ({
  ...process.env,
  PATH: `${join(MODULES, '.bin')}${delimiter}${process.env.PATH ?? ''}`,
});

function buildConsole(node) {
  const { status, signal } = spawnSync(node, [join(ROOT, 'console/build.ts')], {
    env: environment(),
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 128 + constants.signals[signal ?? 'SIGTERM']);
}

function run(node, cwd, args) {
  const env = environment();
  // The channel lets the program notice that we were killed.
  const child = spawn(node, args, { cwd, env, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the child as well, and twice would mean "at once".
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.once('error', (err) => fail(`${node} could not be started: ${err.message}`));
  child.once('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

const [command, ...rest] = process.argv.slice(2);
if (Number(process.versions.node.split('.')[0]) < BOOTSTRAP_NODE_MAJOR) {
  fail(`Wheelhouse starts on Node ${BOOTSTRAP_NODE_MAJOR} or newer, and this is ${process.version}.`);
}
if (!Object.hasOwn(PROGRAMS, command ?? '')) fail(`Usage: bootstrap.mjs ${Object.keys(PROGRAMS).join(' | ')}`);
await ensureInstalled();
const [program, ...options] = PROGRAMS[command];
// Node 24 reads the settings file; what the environment sets goes first.
const settingsFile = join(ROOT, '.env');
const readsSettings =
  ['start', 'cluster', 'router', 'migrate', 'rotate-secret-key'].includes(command) && existsSync(settingsFile);
const settings = readsSettings ? [`--env-file=${settingsFile}`] : [];
// npm runs scripts in the clone, and says where it was called.
const calledIn = process.env.INIT_CWD || process.cwd();
const cwd = RUN_WHERE_CALLED.includes(command) && existsSync(calledIn) ? calledIn : ROOT;
const node = findNode();
if (WITH_CONSOLE.includes(command)) buildConsole(node);
run(node, cwd, [...settings, join(ROOT, program), ...options, ...rest]);
