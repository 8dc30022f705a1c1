import { createSecretKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hmacHex, hmacSha256, macKey, sameDigest, sha256Hex } from './hmac.ts';

/** RFC 4231, test case 2. */
const known = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
const bytes = (text: string) => new TextEncoder().encode(text);

describe('a message authentication code', () => {
  it.each([
    ['text', 'Jefe'],
    ['bytes', bytes('Jefe')],
    ['a key of text', macKey('Jefe')],
    ['a key of bytes', macKey(bytes('Jefe'))],
    ['a key of Node’s own', createSecretKey(bytes('Jefe'))],
  ])('has a known answer under %s', (_, key) => {
    expect(hmacSha256(key, 'what do ya want ', 'for nothing?').toString('hex')).toBe(known);
    expect(hmacSha256(key, bytes('what do ya want for nothing?')).toString('hex')).toBe(known);
  });

  it('is hexadecimal in the blind index', () => {
    expect(hmacHex('Jefe', 'what do ya want for nothing?')).toBe(known);
  });

  it('takes a key of text as UTF-8', () => {
    expect(hmacHex('clé', 'x')).toBe(hmacSha256(bytes('clé'), 'x').toString('hex'));
  });
});

describe('a digest', () => {
  it('is the same only byte for byte', () => {
    const digest = hmacSha256('Jefe', 'text');
    expect(sameDigest(digest, Uint8Array.from(digest))).toBe(true);
    digest.forEach((byte, at) => {
      expect(sameDigest(digest, Uint8Array.from(digest).fill(byte ^ 1, at, at + 1))).toBe(false);
    });
  });

  it('F139 of another length is another one, and no error', () => {
    const digest = hmacSha256('Jefe', 'text');
    expect(sameDigest(digest, digest.subarray(0, 31))).toBe(false);
    expect(sameDigest(digest.subarray(0, 31), digest)).toBe(false);
    expect(sameDigest(digest, new Uint8Array())).toBe(false);
  });

  it('has a known answer in lower-case hexadecimal', () => {
    // FIPS 180-2, appendix B.1.
    const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect([sha256Hex('abc'), sha256Hex(bytes('abc'))]).toEqual([abc, abc]);
  });
});
