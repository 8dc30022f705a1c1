import { describe, expect, it } from 'vitest';
import { expectOnly, found, plant } from './planted.ts';
import { knownCasts, tidyLaw } from './tidy-law.ts';

const here = '// here';
const note = ['TO', 'DO'].join('');

describe('the law of tidiness refuses', () => {
  it.each(['utils', 'helpers', 'common', 'shared', 'types', 'constants', 'misc'])(
    'a file or folder named %s',
    (word) => {
      expectOnly(tidyLaw, 'nameless', plant(`lib/app/${word}.ts`, 'export const a = 1;'));
      expectOnly(tidyLaw, 'nameless', plant(`lib/${word}/money.ts`, 'export const a = 1;'));
      expectOnly(tidyLaw, 'nameless', plant(`docs/${word}.md`, 'text'));
    },
  );

  it.each([
    ['barrel', "export * from './a.ts';\nexport { b } from './b.ts';"],
    ['barrel', "export type { A } from './a.ts';"],
    ['barrel', "import './c.ts';\nexport * from './a.ts';"],
    ['note-to-oneself', `\n// ${note}: later ${here}`],
    ['note-to-oneself', `\nconst a = 1; // ${'FIX'}ME ${here}`],
    ['note-to-oneself', `\n/* ${'XX'}X */ const a = 1; ${here}`],
    ['default-export', `\nexport default function a() {} ${here}`],
    ['enum', `\nexport enum Colour { Red } ${here}`],
    ['enum', `\nconst enum Colour { Red } ${here}`],
    ['any', `\nconst a = b as any; ${here}`],
    ['any', `\nfunction a(b: any) {} ${here}`],
    ['any', `\nlet a: any; ${here}`],
    ['any', `\nconst a = new Map<string, any>(); ${here}`],
    ['any', `\nlet a: any[]; ${here}`],
    ['cast', `\nconst a = b as unknown as string; ${here}`],
    ['console', `\nconsole.log(1); ${here}`],
    ['console', `\nimport { log } from 'node:console'; ${here}`],
    ['suppression', `\n// @ts-ignore ${here}`],
    ['suppression', `\n// @ts-nocheck ${here}`],
    ['suppression', `\n// biome-ignore lint/suspicious/noExplicitAny: because ${here}`],
    ['suppression', `\n/* @ts-expect-error */ const a = 1; ${here}`],
    ['machine-path', `\nconst a = '/${'home'}/me/x'; ${here}`],
    ['machine-path', `\n// see /${'work'}/main ${here}`],
    ['registry-host', `\nconst a = 'https://${'registry'}.npmjs.org/x'; ${here}`],
    ['only', `\nit.only('a', () => {}); ${here}`],
    ['only', `\ndescribe.only.each([1])('a', () => {}); ${here}`],
    ['skip', `\nit.skip('does not work yet', () => {}); ${here}`],
    ['skip', `\nit.todo('works'); ${here}`],
    ['skip', `\ndescribe.skip(name, () => {}); ${here}`],
  ])('%s: %s', (rule, text) => expectOnly(tidyLaw, rule, plant('lib/app/a.ts', text)));

  it.each([
    `await new Promise((resolve) => setTimeout(resolve, 100)); ${here}`,
    `setTimeout(() => done(1, 2), 1_000); ${here}`,
    `await wait(60); ${here}`,
  ])('sleep: %s', (text) => {
    expectOnly(
      tidyLaw,
      'sleep',
      plant('local/a.test.ts', `import { setTimeout as wait } from 'node:timers/promises';\n${text}`),
    );
  });

  it.each(['README.md', 'docs/a.md', '.ci/run', 'biome.json'])('notes, paths and registries in %s', (path) => {
    expectOnly(tidyLaw, 'note-to-oneself', plant(path, `\n${note} ${here}`));
    expectOnly(tidyLaw, 'machine-path', plant(path, `\n/${'root'}/.cache ${here}`));
    expectOnly(tidyLaw, 'registry-host', plant(path, `\n//npm/:_${'auth'}Token=x ${here}`));
  });

  it('the allowance of a cast that is gone', () => {
    for (const path of Object.keys(knownCasts)) expectOnly(tidyLaw, 'cast-ratchet', plant(path, 'const a = 1;'));
  });
});

describe('the law of tidiness allows', () => {
  it.each([
    ['lib/app/a.ts', "export { a } from './a.ts';\nexport const b = 1;"],
    ['lib/app/a.ts', "const currency = 'XXX';"],
    // A folder's name in the middle of a path is no path of a machine.
    ['lib/app/a.ts', `const path = './refund/${'work'}/a'; const url = 'https://example.com/v1/${'work'}/1';`],
    ['lib/app/a.ts', 'const anyOf = any(b); schema.any; const a = { any: 1 };'],
    ['lib/app/a.ts', 'const a = b as unknown;'],
    ['lib/app/a.ts', 'z.enum(types); const console = 1;'],
    ['lib/app/a.ts', '// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused'],
    ['lib/app/a.test.ts', '// biome-ignore lint/suspicious/noExplicitAny: three clients, three types'],
    ['lib/app/a.test.ts', '// @ts-expect-error an id is no string'],
    ['lib/app/a.ts', 'write.only.every(isTrue); write.skip;'],
    ['vitest.config.ts', 'export default {};'],
    ['cli/redress.ts', 'console.log(1);'],
    ['lib/app/a.test.ts', 'const a = b as unknown as Client;'],
    ['lib/app/a.test.ts', "it.skip('are not on this machine (REDRESS_SPECS)');"],
    ['lib/app/a.test.ts', `it.skip(\`\${title} (\${reason})\`, body);`],
    ['lib/app/a.test.ts', 'setTimeout(resolve, 20); setTimeout(resolve, limitMs); setTimeout(() => f(900), 5);'],
    ['local/a.ts', 'setTimeout(stop, 5_000);'],
  ])('%s with %s', (path, text) => expect(found(tidyLaw, plant(path, text))).toEqual([]));

  it('a known cast, with its reason', () => {
    for (const [path, reason] of Object.entries(knownCasts)) {
      expect(reason.length).toBeGreaterThan(20);
      expect(found(tidyLaw, plant(path, 'const a = b as unknown as string;'))).toEqual([]);
    }
  });
});
