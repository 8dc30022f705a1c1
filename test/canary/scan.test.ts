import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { formsOf, sightings, sightingsIn } from './scan.ts';

const canary = 'pi_CANARY7f3a/+?ä';
const folder = mkdtempSync(join(tmpdir(), 'redress-canary-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bytes = (text: string) => Buffer.from(text);
const percent = (text: string) => [...bytes(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

/** Ways in which a careless hand writes a text down. */
const careless: readonly (readonly [form: string, write: (text: string) => string | Uint8Array])[] = [
  ['plain', (text) => text],
  ['plain', (text) => JSON.stringify({ v: 1, secrets: { reference: text } })],
  ['base64', (text) => bytes(text).toString('base64')],
  ['base64url', (text) => bytes(text).toString('base64url')],
  ['hex', (text) => bytes(text).toString('hex')],
  ['hex', (text) => bytes(text).toString('hex').toUpperCase()],
  ['url', (text) => encodeURIComponent(text)],
  ['url', percent],
  ['url', (text) => percent(text).toUpperCase()],
  ['json', (text) => [...text].map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')],
  ['utf-16', (text) => Buffer.from(text, 'utf16le')],
];

describe('the scanner', () => {
  it.each(careless.map(([form, write], index) => [form, index, write] as const))('sees %s (%i)', (form, _, write) => {
    const written = Buffer.concat([bytes('before '), Buffer.from(write(canary)), bytes(' after')]);
    expect(sightings([canary], 'here', written)).toContainEqual({
      canary,
      form,
      where: 'here',
      offset: expect.any(Number),
    });
    expect(sightings(['pi_CANARY-another'], 'here', written)).toEqual([]);
  });

  it('sees base64 of a longer text, wherever in it the canary stands', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.constantFrom('base64', 'base64url'), (before, after, encoding) => {
        const written = bytes(before + canary + after).toString(encoding as BufferEncoding);
        expect(sightings([canary], 'here', written).map(({ form }) => form)).toContain(encoding);
      }),
    );
  });

  it('sees nothing in other bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (noise) => {
        expect(sightings([canary], 'here', noise)).toEqual([]);
      }),
    );
  });

  it('looks at exactly the bytes it is given', () => {
    const whole = bytes(`${canary}${'.'.repeat(20)}`);
    expect(sightings([canary], 'here', whole.subarray(1))).toEqual([]);
  });

  it('goes through every file of a folder, hidden and deep ones too', () => {
    mkdirSync(join(folder, 'a', '.b'), { recursive: true });
    writeFileSync(join(folder, 'a', 'clean'), 'nothing');
    writeFileSync(join(folder, 'a', '.b', 'data.sqlite'), Buffer.concat([Buffer.alloc(5000, 0xff), bytes(canary)]));
    expect(sightingsIn([canary], folder)).toEqual([
      { canary, form: 'plain', where: join(folder, 'a', '.b', 'data.sqlite'), offset: 5000 },
    ]);
  });

  it('refuses a canary that could turn up by chance', () => {
    expect(() => formsOf('pi_1')).toThrow(RangeError);
  });
});
