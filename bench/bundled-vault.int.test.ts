import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import type { kmsOpener } from '../lib/adapters/aws/opener.ts';
import { kmsSealer } from '../lib/adapters/aws/sealer.ts';
import { parseMerchant } from '../lib/domain/ids.ts';
import { testKey } from '../local/engines/test-endpoints.ts';
import { bundle } from './bundle.ts';
import { withFolder } from './temporary.ts';

const demo = parseMerchant('demo')!;

/** Tests load the library's own files, a function what the bundler made of its other half: both must open the same. */
it('F121 what is sealed is opened by the vault as it is deployed, and by nobody under another name', async () => {
  const key = await testKey();
  try {
    await withFolder(async (folder) => {
      const text = ['opener', 'sealer'].map((file) => `export * from './lib/adapters/aws/${file}.ts';`).join('\n');
      await bundle({ text }, { folder });
      const deployed = (await import(pathToFileURL(join(folder, 'entry.mjs')).href)) as {
        readonly kmsOpener: typeof kmsOpener;
        readonly kmsSealer: typeof kmsSealer;
      };
      const opener = deployed.kmsOpener(key);
      for (const sealer of [kmsSealer(key), deployed.kmsSealer(key)]) {
        const sealed = await sealer.seal(demo, 'item', { reference: 'pi_1' });
        expect(await opener.open(demo, 'item', sealed)).toEqual({ reference: 'pi_1' });
        expect(await opener.open(parseMerchant('other')!, 'item', sealed)).toBe('foreign');
        expect(await opener.open(demo, 'another', sealed)).toBe('foreign');
      }
    });
  } finally {
    await key.stop();
  }
});
