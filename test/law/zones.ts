/**
 * The import law as a table (ARCHITECTURE.md): every file lies in one zone, and the zone says what it may import. The first
 * zone that fits counts. A new folder needs a line here before anything in it can import anything.
 */
export interface Zone {
  readonly name: string;
  readonly holds: RegExp;
  /** Beginnings of paths from the root; `own` stands for what the pattern's first group matched. */
  readonly imports: readonly string[];
  /** Packages by name, or by scope as `@scope/*`. `declared` is any that package.json has. */
  readonly packages: readonly string[];
  readonly node: boolean;
  /** What may be imported for types only. */
  readonly types?: readonly string[];
  /** What may be loaded only when it is needed, by `import()`. */
  readonly lazily?: readonly string[];
  /** What to do instead; part of the message. */
  readonly instead: string;
}

const domain = 'lib/domain/';
const ports = 'lib/app/ports/';
const kit = 'lib/adapters/kit/';

const adapter = {
  imports: [domain, ports, kit, 'own'],
  node: true,
  instead: 'an adapter knows domain, ports, its own folder, kit/ and the SDK listed for it in test/law/zones.ts',
} as const;

const root = {
  packages: ['declared'],
  node: true,
  instead: 'a root builds from lib/ and functions/, never from tests',
} as const;

export const zones: readonly Zone[] = [
  {
    name: 'domain tests',
    holds: /^lib\/domain\/.*(?:\.test\.ts|[/-]given\.ts)$/,
    imports: [domain],
    packages: ['vitest', 'fast-check'],
    node: true,
    instead: 'test the domain with its own words; what needs ports or adapters is a test of app or of the spine',
  },
  {
    name: 'tests',
    holds: /\.test\.ts$|^test\/|^lib\/adapters\/contracts\//,
    imports: [''],
    packages: ['declared'],
    node: true,
    instead: 'declare the package in package.json',
  },
  {
    name: 'domain',
    holds: /^lib\/domain\//,
    imports: [domain],
    packages: [],
    node: false,
    instead: 'lib/domain imports itself only: take it as an argument (hashing is one)',
  },
  {
    name: 'ports',
    holds: /^lib\/app\/ports\//,
    imports: [domain, ports],
    packages: [],
    node: false,
    instead: 'a port speaks of domain words only',
  },
  {
    name: 'app',
    holds: /^lib\/app\//,
    imports: [domain, 'lib/app/'],
    packages: [],
    node: false,
    instead: 'lib/app imports domain, ports and itself: state the need as a port and take it as an argument',
  },
  {
    name: 'registries',
    holds: /^lib\/adapters\/(?:(?:gateways|sources)\/)?[^/]+\.ts$/,
    imports: [
      domain,
      ports,
      kit,
      'lib/adapters/gateways/clients.ts',
      'lib/adapters/gateways/platforms.ts',
      'lib/adapters/gateways/readers.ts',
      'lib/adapters/sources/clients.ts',
      'lib/adapters/sources/readers.ts',
      'lib/adapters/sources/tended.ts',
    ],
    lazily: ['lib/adapters/gateways/', 'lib/adapters/sources/'],
    packages: [],
    node: false,
    instead: 'a list of readers or clients names folders and loads them by import(), when their first message comes',
  },
  { ...adapter, name: 'kit', holds: /^(lib\/adapters\/kit\/)/, packages: ['jose', 'zod'] },
  { ...adapter, name: 'gateway stripe', holds: /^(lib\/adapters\/gateways\/stripe\/)/, packages: ['stripe', 'zod'] },
  { ...adapter, name: 'gateway', holds: /^(lib\/adapters\/gateways\/[^/]+\/)/, packages: ['zod'] },
  { ...adapter, name: 'source', holds: /^(lib\/adapters\/sources\/[^/]+\/)/, packages: ['zod'] },
  { ...adapter, name: 'sink', holds: /^(lib\/adapters\/sinks\/[^/]+\/)/, packages: ['zod'] },
  { ...adapter, name: 'aws', holds: /^(lib\/adapters\/aws\/)/, packages: ['@aws-sdk/*', '@aws-crypto/*'] },
  { ...adapter, name: 'powertools', holds: /^(lib\/adapters\/powertools\/)/, packages: ['@aws-lambda-powertools/*'] },
  { ...adapter, name: 'xray', holds: /^(lib\/adapters\/xray\/)/, packages: [] },
  { ...adapter, name: 'file', holds: /^(lib\/adapters\/file\/)/, packages: [] },
  { ...adapter, name: 'memory', holds: /^(lib\/adapters\/memory\/)/, packages: [] },
  { ...adapter, name: 'system', holds: /^(lib\/adapters\/system\/)/, packages: [] },
  { ...root, name: 'wire', holds: /^functions\/wire\//, imports: ['lib/', 'functions/'] },
  {
    name: 'functions',
    holds: /^functions\//,
    imports: [domain, 'lib/app/', 'functions/'],
    packages: ['@aws-lambda-powertools/*', '@middy/*', 'hono', 'zod'],
    types: ['aws-lambda'],
    node: false,
    instead: 'a function decodes, calls one use case and encodes; adapters are built in functions/wire',
  },
  { ...root, name: 'local', holds: /^local\//, imports: ['lib/', 'functions/', 'local/'] },
  { ...root, name: 'cli', holds: /^cli\//, imports: ['lib/', 'functions/', 'local/', 'cli/'] },
  { ...root, name: 'sim', holds: /^sim\//, imports: ['lib/', 'functions/', 'sim/'] },
  {
    ...root,
    name: 'bench',
    holds: /^bench\//,
    imports: ['lib/', 'functions/', 'local/', 'sim/', 'bench/', 'stacks/bundle.ts'],
  },
  {
    ...root,
    name: 'stacks',
    holds: /^(?:stacks\/|sst\.config\.ts$)/,
    imports: ['stacks/', 'lib/adapters/gateways/platforms.ts'],
    instead: 'stacks/ says what runs where; it imports no code that runs, only the list of gateways',
  },
  { ...root, name: 'configuration', holds: /^[^/]+\.config\.ts$/, imports: [] },
];

/** Code that only tests use. */
export const isTest = (path: string): boolean =>
  /\.test\.ts$|^test\/|^lib\/adapters\/contracts\/|[/-]given\.ts$/.test(path);

/** A vendor's twin, and what twins share: it signs, cheats and crashes at will, so that it may never reach a function. */
export const isSimulator = (path: string): boolean =>
  /^lib\/adapters\/(?:(?:gateways|sources|sinks)\/[^/]+\/simulator[^/]*|kit\/simulator)\.ts$/.test(path);

/** Where simulators may be built. */
export const mayHoldSimulators = (path: string): boolean =>
  isTest(path) || isSimulator(path) || /^(?:local|sim|bench)\//.test(path);

/** Files that are made into the deployed system: their packages must be dependencies, not devDependencies. */
export const isDeployed = (path: string): boolean => /^(?:lib|functions)\//.test(path) && !isTest(path);
