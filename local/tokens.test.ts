import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { parseMerchant } from '../lib/domain/ids.ts';
import { devIssuer, devVerifier } from './tokens.ts';

const folder = mkdtempSync(join(tmpdir(), 'redress-tokens-'));
afterAll(() => rmSync(folder, { recursive: true }));

const nowMs = Date.UTC(2026, 10, 21, 12);
const hourMs = 3_600_000;
const bearer = { person: 'dev-approver', role: 'approver', merchant: parseMerchant('demo')! } as const;

it('A development token is good for twelve hours, also after a restart', async () => {
  const issuer = await devIssuer(folder);
  const token = await issuer.issue(bearer, nowMs);
  const afterRestart = devVerifier((await devIssuer(folder)).keys);
  expect(await afterRestart.verify(token, nowMs + 12 * hourMs - 1000)).toEqual(bearer);
  expect(await afterRestart.verify(token, nowMs + 12 * hourMs)).toBeUndefined();
});

it('The private key is its owner’s alone to read, and no part of what is given out', async () => {
  const { keys } = await devIssuer(folder);
  const file = join(folder, 'token-key.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toHaveProperty('d');
  expect(keys.keys[0]).not.toHaveProperty('d');
});

it('A token of another folder’s issuer is refused', async () => {
  const other = mkdtempSync(join(folder, 'other-'));
  const token = await (await devIssuer(other)).issue(bearer, nowMs);
  expect(await devVerifier((await devIssuer(folder)).keys).verify(token, nowMs)).toBeUndefined();
});
