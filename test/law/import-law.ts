import { type Import, importsOf, packageOf } from './imports.ts';
import { lexed } from './lexer.ts';
import { at, type File, type Law, type Violation } from './violation.ts';
import { isDeployed, isSimulator, isTest, mayHoldSimulators, type Zone, zones } from './zones.ts';

/** Who may import whom: the table in `zones.ts`, and three things it can't say. */
export const importLaw: Law = (files) => {
  const declared = declaredPackages(files);
  return files.filter(({ path }) => path.endsWith('.ts')).flatMap((file) => violations(file, declared));
};

/** Computed imports, each with its reason. */
export const computedImports: Readonly<Record<string, string>> = {
  'local/engines/fauxqs-server.ts': 'reaches into a pinned development package that exports too little',
};

interface Declared {
  readonly all: ReadonlySet<string>;
  readonly deployed: ReadonlySet<string>;
}

function violations(file: File, declared: Declared): Violation[] {
  const { unreadable } = lexed(file);
  if (unreadable !== undefined)
    return [at(file, unreadable, 'import-scan', 'the laws can’t read on from here: write it in simpler words')];
  const zone = zones.find(({ holds }) => holds.test(file.path));
  if (zone === undefined)
    return [at(file, 0, 'import-zone', 'no zone holds this file: say in test/law/zones.ts what it may import')];
  return importsOf(file).flatMap((one) => {
    const wrong = judge(file, zone, one, declared);
    return wrong === undefined ? [] : [at(file, one.at, wrong[0], `${named(one)}; ${wrong[1]}`)];
  });
}

type Wrong = readonly [rule: string, what: string];

function judge(file: File, zone: Zone, one: Import, declared: Declared): Wrong | undefined {
  if (one.from === undefined) {
    if (isTest(file.path) || file.path in computedImports) return undefined;
    return ['import-computed', 'name the module in a string, so that laws and bundlers see it'];
  }
  if (one.path === undefined) return judgePackage(file, zone, one, one.from, declared);
  if (!isTest(file.path) && isTest(one.path)) return ['import-test', 'what tests use stays in tests'];
  if (isSimulator(one.path) && !mayHoldSimulators(file.path))
    return ['import-simulator', 'simulators belong to local/, sim/, bench/ and tests'];
  const own = zone.holds.exec(file.path)?.[1];
  const within = (place: string) => one.path?.startsWith(place === 'own' ? (own ?? '/') : place);
  if (zone.imports.some(within)) return undefined;
  if (one.how === 'dynamic' && zone.lazily?.some(within)) return undefined;
  return ['import-direction', zone.instead];
}

function judgePackage(file: File, zone: Zone, one: Import, from: string, declared: Declared): Wrong | undefined {
  if (from.startsWith('node:')) return zone.node ? undefined : ['import-node', zone.instead];
  const name = packageOf(from);
  if (zone.types?.includes(name))
    return one.how === 'type' ? undefined : ['import-types', 'this package holds types only: use `import type`'];
  const listed = zone.packages.some(
    (allowed) =>
      allowed === 'declared' || allowed === name || (allowed.endsWith('/*') && name.startsWith(allowed.slice(0, -1))),
  );
  if (!listed) return ['import-package', zone.instead];
  const ofTypes = one.how === 'type' && declared.all.has(`@types/${name}`);
  if (!ofTypes && !(isDeployed(file.path) ? declared.deployed : declared.all).has(name))
    return [
      'import-undeclared',
      `package.json must have it among its ${isDeployed(file.path) ? 'dependencies' : 'packages'}`,
    ];
  return undefined;
}

const named = ({ how, from }: Import): string =>
  `${how === 'dynamic' ? 'import()' : how} of ${from === undefined ? 'a computed module' : `"${from}"`}`;

function declaredPackages(files: readonly File[]): Declared {
  const manifest = files.find(({ path }) => path === 'package.json');
  const { dependencies = {}, devDependencies = {} } = JSON.parse(manifest?.text ?? '{}') as Record<
    string,
    object | undefined
  >;
  return {
    deployed: new Set(Object.keys(dependencies)),
    all: new Set([...Object.keys(dependencies), ...Object.keys(devDependencies)]),
  };
}
