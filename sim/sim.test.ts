import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { chances, fraction } from './chance.ts';
import { knobsOf } from './drawn.ts';
import { type ProfileName, profileNames } from './profiles.ts';
import { promises } from './promises.ts';
import { idle, places, reachable, toSimulate } from './reachable.ts';
import { runMany } from './run-many.ts';
import { runSeed } from './run-seed.ts';
import type { Report } from './run-worker.ts';
import { savedSeeds } from './saved.ts';
import { emptySeen, type Fact, remember, type SeenEntry } from './seen.ts';

/** More on a machine that has the time: `npm run sim`. */
const seeds = Number(process.env.SIM_SEEDS ?? 1000);

/** A quarter of all lives, and nearly half of the time of all: `npm run sim` lives them as often as the others. */
const costly: readonly ProfileName[] = ['crossed', 'month-end', 'multi-tenant', 'on-call', 'restore'];
const others = profileNames.filter((name) => !costly.includes(name));
const profiles = [...costly, ...others, ...others, ...others, ...others];

/** What they come to, all of them together: it is no empty world. */
const must = ['leg.accepted', 'leg.unknown', 'leg.failed', 'refund.held', 'approve', 'payment.refund-adopted'];

describe('a simulated life', () => {
  it(`F34 F35 F57 F66 F67 F73 keeps every promise, as do ${seeds - 1} others`, async () => {
    const lives = new Map<string, number>();
    const came = new Set<string>();
    const wrong: Pick<Report, 'seed' | 'profile' | 'broken' | 'same'>[] = [];
    const many = { from: 0, seeds, profiles, workers: availableParallelism(), stopAtFirst: false };
    await runMany(many, ({ seed, profile, broken, same, reached }) => {
      for (const name of reached) came.add(name);
      lives.set(profile, (lives.get(profile) ?? 0) + 1);
      if (broken !== undefined || !same) wrong.push({ seed, profile, broken, same });
    });
    expect(wrong).toEqual([]);
    expect([...lives.keys()].sort()).toEqual([...profileNames].sort());
    expect([...lives.values()].reduce((all, some) => all + some, 0)).toBe(seeds);
    expect(must.filter((name) => !came.has(name))).toEqual([]);
  }, 3_600_000);

  it('is the same whenever its seed is the same', async () => {
    const [once, again] = [
      await runSeed({ seed: '7', profile: 'queue-hell' }),
      await runSeed({ seed: '7', profile: 'queue-hell' }),
    ];
    expect(again.hash).toBe(once.hash);
    expect(again.struck).toEqual(once.struck);
    expect((await runSeed({ seed: '8', profile: 'queue-hell' })).hash).not.toBe(once.hash);
  });

  it('meets only the faults it is allowed to', async () => {
    const all = await runSeed({ seed: '3', profile: 'everything' });
    expect(all.struck.length).toBeGreaterThan(2);
    const some = new Set(all.struck.slice(0, 2));
    const ran = await runSeed({ seed: '3', profile: 'everything', only: some });
    expect(ran.struck.every((name) => some.has(name))).toBe(true);
    expect(ran.broken).toBeUndefined();
  });
});

describe('a life that broke a promise once', () => {
  it('breaks none again', async () => {
    for (const { name, profile, seed, faults, deeds } of savedSeeds()) {
      const ran = await runSeed({ seed, profile, only: new Set(faults), deeds: new Set(deeds) });
      expect({ name, broken: ran.broken }).toEqual({ name, broken: undefined });
    }
  });
});

it('knows the cases that it says it can come to', () => {
  const text = readFileSync(new URL('../docs/failures.md', import.meta.url), 'utf8');
  expect(Object.keys(reachable).filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([]);
  expect(places(new Map([['repeat', 4]])).find((place) => place.case === 'F3')).toEqual({ case: 'F3', lives: 4 });
});

it('comes to each case that is to be simulated, or says why not', () => {
  const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8');
  const rows = [...readme.matchAll(/^\| (F\d+) \| (.+) \|$/gm)].map(([, name = '', why = '']) => ({ name, why }));
  const unreachable = rows.map(({ name }) => name);
  expect(unreachable.filter((name) => name in reachable)).toEqual([]);
  expect(unreachable.filter((name) => !toSimulate.includes(name))).toEqual([]);
  expect(toSimulate.filter((name) => !(name in reachable) && !unreachable.includes(name))).toEqual([]);
  expect(new Set(unreachable).size).toBe(unreachable.length);
  expect(new Set(toSimulate).size).toBe(toSimulate.length);
  expect(rows.filter(({ why }) => why.length < 8)).toEqual([]);
});

it('names each counter that a night left at zero', () => {
  const all = Object.values(reachable).flat();
  expect(idle(new Map(all.map((counter) => [counter, 1])))).toEqual([]);
  expect(idle(new Map(all.map((counter) => [counter, counter === 'redrive' ? 0 : 1])))).toEqual(['redrive']);
  expect(idle(new Map())).toEqual([...new Set(all)]);
});

it('fails a night whose lives went almost nowhere', () => {
  const args = ['run.ts', '--nightly', '--seeds', '1', '--profile', 'calm'];
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: import.meta.dirname, encoding: 'utf8' });
  expect(stdout).toContain("nothing was counted as 'fault kill-before'");
  expect(stdout).toContain('"violations":0');
  expect(status).toBe(1);
});

it('says, where it is stopped, what was found and with which seed to go on', async () => {
  const args = ['run.ts', '--seed', '5', '--seeds', '100000', '--profile', 'calm'];
  const run = spawn(process.execPath, args, { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  run.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  run.stdout.once('data', () => run.kill('SIGINT'));
  expect(await new Promise((resolve) => run.on('close', resolve))).toBe(130);
  const lines = said.trim().split('\n');
  const { seeds, violations } = JSON.parse(lines.at(-1) ?? '') as { seeds: number; violations: number };
  const [, next = '', left = ''] = /go on with --seed (\d+) --seeds (\d+)/.exec(said) ?? [];
  expect({ first: lines[0], violations }).toEqual({
    first: expect.stringContaining('seeds 5 to 100004,'),
    violations: 0,
  });
  expect(Number(next) + Number(left)).toBe(100_005);
  expect(Number(next) - 5).toBeLessThanOrEqual(seeds);
});

describe('chance', () => {
  it('is spread evenly, and one character changes all of it', () => {
    const drawn = [...Array(2000).keys()].map((n) => fraction(`seed|site|${n}`));
    const mean = drawn.reduce((all, one) => all + one, 0) / drawn.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.02);
    expect(drawn.every((one) => one >= 0 && one < 1)).toBe(true);
    expect(new Set(drawn).size).toBe(drawn.length);
  });
});

describe('the promise about windows of keys', () => {
  const promise = promises.find(({ name }) => name === 'same-key-in-its-window');
  const knobs = knobsOf(chances('any'), 'narrow-window');
  const entry = (at: number, type: string): SeenEntry => {
    const events: Fact[] = [{ type, leg: 1, key: 'the-key' }];
    const text = { actor: '', previous: '', body: '', digest: '' };
    return { stream: 'demo#refund#rf_1', number: 1, at, ...text, events, deployment: 0, writtenAt: at };
  };
  /** What it says of a request a window after all this. */
  const afterwards = (...types: string[]) => {
    const seen = emptySeen(knobs);
    for (const [at, type] of types.entries()) remember(seen, entry(at, type));
    return promise?.written?.(seen, entry(types.length + knobs.keyWindowMs, 'leg.sending'));
  };

  it('lets a key be used at any time where the gateway had only turned it away', () => {
    expect(afterwards('leg.sending', 'leg.deferred')).toBeUndefined();
    expect(afterwards('leg.sending', 'leg.deferred', 'leg.sending', 'leg.deferred')).toBeUndefined();
  });

  it('counts from the first request that may have done something', () => {
    expect(afterwards('leg.sending', 'leg.unknown')).toContain('after it was first used');
    expect(afterwards('leg.sending', 'leg.unknown', 'leg.sending', 'leg.deferred')).toContain('first used');
    expect(afterwards('leg.sending', 'leg.deferred', 'leg.sending', 'leg.unknown')).toContain('first used');
  });
});
