import { type File, type Law, lineAt, type Violation } from './violation.ts';

/** What gets installed is decided here and nowhere else: exact versions, no install script but Node's own, no registry named. */
export const packagesLaw: Law = (files) => {
  const file = (path: string) => files.find((one) => one.path === path);
  const [manifest, lock, settings] = [file('package.json'), file('package-lock.json'), file('.npmrc')];
  return [
    ...(manifest === undefined ? [] : [...pinned(manifest), ...scripts(manifest, lock)]),
    ...(lock === undefined ? [] : locked(lock)),
    ...(settings === undefined ? [] : noRegistry(settings)),
  ];
};

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly allowScripts?: Readonly<Record<string, boolean>>;
}

interface LockedPackage {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
}

function pinned(manifest: File): Violation[] {
  const read = JSON.parse(manifest.text) as Manifest;
  const all = { ...read.dependencies, ...read.devDependencies, ...read.optionalDependencies, ...read.peerDependencies };
  return Object.entries(all)
    .filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))
    .map(([name, version]) => naming(manifest, name, 'pin', `"${name}": "${version}" is no exact version`));
}

/** Node's script fetches its binary. Every other script stays off; npm may ask, so package.json answers for each. */
function scripts(manifest: File, lock: File | undefined): Violation[] {
  const { allowScripts = {} } = JSON.parse(manifest.text) as Manifest;
  const allowed = Object.entries(allowScripts).filter(([name, allows]) => allows && name !== 'node');
  const scripted = packagesOf(lock).filter(([, { hasInstallScript }]) => hasInstallScript === true);
  const silent = new Set(scripted.map(([path]) => nameOf(path)).filter((name) => !Object.hasOwn(allowScripts, name)));
  return [
    ...allowed.map(([name]) => naming(manifest, name, 'install-script', `lets "${name}" run code at installation`)),
    ...[...silent].map((name) =>
      naming(manifest, 'allowScripts', 'install-script', `"${name}" has an install script; answer it with false`),
    ),
  ];
}

function locked(lock: File): Violation[] {
  return packagesOf(lock).flatMap(([path, { resolved, integrity, link }]) => {
    if (path === '') return [];
    if (resolved !== undefined)
      return [naming(lock, path, 'lock-host', `names where "${path}" was fetched from: leave "resolved" out`)];
    if (integrity === undefined && link !== true)
      return [naming(lock, path, 'lock-integrity', `"${path}" has no digest: install it again`)];
    return [];
  });
}

function noRegistry(settings: File): Violation[] {
  const index = settings.text.search(/^\s*(?:@[\w-]+:)?registry\s*=|^\s*\/\//m);
  if (index < 0) return [];
  return [
    {
      path: settings.path,
      line: lineAt(settings.text, index),
      rule: 'registry-setting',
      what: 'which registry is used is each user’s own setting',
    },
  ];
}

const packagesOf = (lock: File | undefined): readonly (readonly [string, LockedPackage])[] =>
  lock === undefined
    ? []
    : Object.entries((JSON.parse(lock.text) as { packages?: Record<string, LockedPackage> }).packages ?? {});

const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

const naming = (file: File, key: string, rule: string, what: string): Violation => ({
  path: file.path,
  line: lineAt(file.text, Math.max(0, file.text.indexOf(`"${key}"`))),
  rule,
  what,
});
