import { statements } from './query.ts';
import { installed, render } from './render/render.ts';
import type { Rendered, Resource } from './render/rendered.ts';
import { productionRules, rules } from './rules.ts';

/** `npm run infra [-- STAGE]`: what the program asks AWS for, rendered offline, and whether every rule holds. */
const [stage = 'dev'] = process.argv.slice(2);

const telling = [
  'name',
  'hashKey',
  'rangeKey',
  'streamViewType',
  'deletionProtectionEnabled',
  'visibilityTimeoutSeconds',
  'messageRetentionSeconds',
  'timeout',
  'memorySize',
  'reservedConcurrentExecutions',
  'routeKey',
  'authorizationType',
  'scheduleExpression',
  'metricName',
  'threshold',
  'alarmDescription',
  'maximumRetryAttempts',
  'enableKeyRotation',
];

const settingsOf = ({ inputs }: Resource): string =>
  telling
    .filter((name) => inputs[name] !== undefined)
    .map((name) => `${name}=${String(inputs[name])}`)
    .join(' ');

function print(rendered: Rendered): number {
  const lines = rendered.resources
    .filter(({ type }) => type.startsWith('aws:'))
    .map((one) => `${one.type.split(':').at(-1)?.padEnd(20)} ${one.name.padEnd(34)} ${settingsOf(one)}`);
  process.stdout.write(`${lines.sort().join('\n')}\n\nWho may do what:\n`);
  for (const { role, actions, resources } of statements(rendered))
    process.stdout.write(`${role.padEnd(20)} ${actions.join(' ')} on ${resources.join(' ')}\n`);
  const all = { ...rules, ...(stage === 'production' ? productionRules : {}) };
  const wrong = Object.entries(all).flatMap(([name, rule]) => rule(rendered).map((line) => `${name}: ${line}`));
  process.stdout.write(
    `\n${rendered.resources.length} resources, ${Object.keys(all).length} rules, ${wrong.length} broken\n`,
  );
  for (const line of wrong) process.stdout.write(`${line}\n`);
  return wrong.length === 0 ? 0 : 1;
}

if (!installed()) {
  process.stderr.write("SST's platform is not installed: npm run infra:install (40 s, once)\n");
  process.exitCode = 2;
} else {
  process.exitCode = print(await render({ stage }));
}
