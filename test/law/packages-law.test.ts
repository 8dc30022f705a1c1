import { describe, expect, it } from 'vitest';
import { packagesLaw } from './packages-law.ts';
import { found, plant } from './planted.ts';

const manifest = (more: object) =>
  plant(
    'package.json',
    JSON.stringify({ dependencies: { zod: '4.6.7' }, allowScripts: { node: true, esbuild: false }, ...more }, null, 1),
  );
const lock = (packages: object) =>
  plant('package-lock.json', JSON.stringify({ packages: { '': { name: 'redress' }, ...packages } }, null, 1));
const integrity = 'sha512-x';

describe('F140 the law of packages refuses', () => {
  it.each([
    '^4.6.7',
    '~4.6.7',
    '4.6',
    '*',
    'latest',
    '>=4',
    'file:../zod',
    'git+https://example.com/zod.git',
    'npm:other@1.0.0',
  ])('the version %s', (version) => {
    for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'])
      expect(found(packagesLaw, manifest({ [kind]: { left: version } }))).toEqual([
        expect.stringMatching(/^pin package\.json:\d+$/),
      ]);
  });

  it('an install script besides Node’s own', () => {
    expect(found(packagesLaw, manifest({ allowScripts: { node: true, esbuild: true } }))).toEqual([
      'install-script package.json:7',
    ]);
  });

  it('an install script that nobody answered for', () => {
    const scripted = lock({ 'node_modules/a/node_modules/sharp': { integrity, hasInstallScript: true } });
    expect(found(packagesLaw, manifest({}), scripted)).toEqual(['install-script package.json:5']);
  });

  it('a lock that names where a package was fetched from', () => {
    const named = lock({ 'node_modules/zod': { integrity, resolved: 'https://example.com/zod.tgz' } });
    expect(found(packagesLaw, named)).toEqual(['lock-host package-lock.json:6']);
  });

  it('a locked package without a digest', () => {
    expect(found(packagesLaw, lock({ 'node_modules/zod': { version: '4.6.7' } }))).toEqual([
      'lock-integrity package-lock.json:6',
    ]);
  });

  it.each(['registry=https://example.com/', '@scope:registry = https://example.com/', '//example.com/:username=me'])(
    'the setting %s',
    (setting) => {
      expect(found(packagesLaw, plant('.npmrc', `fund=false\n${setting}\n`))).toEqual(['registry-setting .npmrc:2']);
    },
  );
});

describe('F140 the law of packages allows', () => {
  it('exact versions, Node’s script, and scripts that are off', () => {
    const scripted = { integrity, hasInstallScript: true };
    const packages = lock({
      'node_modules/node': scripted,
      'node_modules/esbuild': scripted,
      'node_modules/zod': { integrity },
    });
    expect(found(packagesLaw, manifest({ devDependencies: { vitest: '5.1.0-beta.1' } }), packages)).toEqual([]);
  });
});
