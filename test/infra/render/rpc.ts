import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { build } from 'esbuild';
import { ofSst } from '../../../bench/bundle.ts';
import { bundling } from '../../../stacks/bundle.ts';
import { root } from './root.ts';

/** What SST's command line answers to its platform over HTTP while a program runs. */
export interface Rpc {
  readonly url: string;
  readonly problems: string[];
  stop(): Promise<void>;
}

export async function startRpc(work: string): Promise<Rpc> {
  const problems: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const { method, params } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Call;
    const answer = await answerTo(method, params[0] ?? {}, work).catch((error: unknown) => ({
      error: String(error),
    }));
    if ('error' in answer) problems.push(`${method}: ${answer.error}`);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    problems,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

interface Call {
  readonly method: string;
  readonly params: readonly Readonly<Record<string, unknown>>[];
}

type Answer = { readonly result: unknown } | { readonly error: string };

async function answerTo(method: string, params: Readonly<Record<string, unknown>>, work: string): Promise<Answer> {
  switch (method) {
    case 'Provider.Aws.Bootstrap':
      return {
        result: {
          asset: 'assets',
          state: 'state',
          assetEcrRegistryId: '123456789012',
          assetEcrUrl: 'ecr.example/assets',
        },
      };
    case 'Runtime.Build':
      return { result: await built(params, work) };
    default:
      return { error: 'nobody answers this' };
  }
}

/**
 * Looks whether the handler is there, in our own code only, which takes a hundredth of the time of a whole bundle; what a whole one
 * weighs is told by `bench/bundle.test.ts`, for the settings that are asked for here.
 */
async function built(params: Readonly<Record<string, unknown>>, work: string) {
  const { handler, functionID, properties } = params as { handler: string; functionID: string; properties: object };
  const path = join(root, dirname(handler), basename(handler).split('.')[0] ?? '');
  const exported = handler.split('.').at(-1) ?? '';
  const source = ['.ts', '.mts'].map((ending) => `${path}${ending}`).find((one) => existsSync(one));
  if (source === undefined) return { errors: [`${functionID}: there is no ${handler}`], handler, out: work };
  // Not where SST writes its archive: one that is there already would be zipped with the rest, sometimes.
  const out = join(work, 'artifacts', `${functionID}-src`);
  mkdirSync(out, { recursive: true });
  const result = await build({
    ...ofSst,
    mainFields: [...ofSst.mainFields],
    entryPoints: [source],
    outdir: out,
    format: bundling.format,
    packages: 'external',
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const [output] = Object.values(result.metafile.outputs).filter(({ entryPoint }) => entryPoint !== undefined);
  if (!output?.exports.includes(exported))
    return { errors: [`${functionID}: ${handler} does not export ${exported}`], handler, out };
  if (!isDeepStrictEqual(own(properties), own(bundling)))
    return { errors: [`${functionID} is not bundled as stacks/bundle.ts says`], handler, out };
  // SST zips what is there; a test needs no megabytes of it.
  writeFileSync(join(out, 'bundle.mjs'), '');
  return { out, handler: `bundle.${exported}`, errors: [], sourcemaps: [] };
}

/** Without what SST adds of its own, and as JSON carries it. */
function own(properties: object): unknown {
  const entries = Object.entries(properties).filter(([name]) => Object.hasOwn(bundling, name));
  return JSON.parse(JSON.stringify(Object.fromEntries(entries)));
}
