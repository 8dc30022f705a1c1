import { describe, expect, it } from 'vitest';
import { laws } from './laws.ts';
import { ignoredNames, tree } from './tree.ts';
import { shown } from './violation.ts';
import { isTest, zones } from './zones.ts';

const files = tree();

describe('in this tree', () => {
  it.each(Object.entries(laws))('%s', (_, law) => {
    expect(law(files).map(shown)).toEqual([]);
  });

  it('the laws see every file that counts, and nothing that is ignored', () => {
    const paths = files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(['package.json', '.gitignore', 'lib/domain/refund/next.ts', 'test/law/tree.ts']),
    );
    expect(paths.filter((path) => /(?:^|\/)(?:node_modules|\.git|\.redress)\//.test(path))).toEqual([]);
  });

  it('the zones that matter hold files', () => {
    const inhabited = zones.filter(({ holds }) => files.some(({ path }) => holds.test(path))).map(({ name }) => name);
    expect(inhabited).toEqual(
      expect.arrayContaining([
        'domain',
        'ports',
        'app',
        'registries',
        'kit',
        'gateway stripe',
        'source',
        'aws',
        'functions',
        'local',
      ]),
    );
    expect(files.filter(({ path }) => isTest(path)).length).toBeGreaterThan(20);
  });
});

describe('the tree', () => {
  it.each([
    ['node_modules', true],
    ['.redress', true],
    ['a.log', true],
    ['log', false],
    ['lib', false],
    ['my_node_modules', false],
  ])('ignores what .gitignore says: %s is %s', (name, ignored) => {
    expect(ignoredNames('# comment\nnode_modules/\n.redress/\n*.log\n')(name)).toBe(ignored);
  });

  it('refuses a .gitignore that it does not understand', () => {
    expect(() => ignoredNames('node_modules/\n!keep\n')).toThrow('"!keep"');
  });
});
