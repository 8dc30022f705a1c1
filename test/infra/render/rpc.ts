import { once } from 'node:events';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { build } from 'esbuild';
import { root } from './root.ts';

/** What SST's command line answers to its platform over HTTP while a program runs. */
export interface Rpc {
  readonly url: string;
  readonly problems: string[];
  readonly bundles: Record<string, number>;
  stop(): Promise<void>;
}

export async function startRpc(work: string, sizes: boolean): Promise<Rpc> {
  const problems: string[] = [];
  const bundles: Record<string, number> = {};
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const { method, params } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Call;
    const answer = await answerTo(method, params[0] ?? {}, { work, bundles, sizes }).catch((error: unknown) => ({
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
    bundles,
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

interface Building {
  readonly work: string;
  readonly bundles: Record<string, number>;
  /** Whole bundles as a deployment makes them; without it only our own code is looked at, which takes a hundredth of the time. */
  readonly sizes: boolean;
}

async function answerTo(method: string, params: Readonly<Record<string, unknown>>, to: Building): Promise<Answer> {
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
      return { result: await built(params, to) };
    default:
      return { error: 'nobody answers this' };
  }
}

/** Builds as a deployment does, with SST's settings, and keeps the size. The named export must be there. */
async function built(params: Readonly<Record<string, unknown>>, { work, bundles, sizes }: Building) {
  const { handler, functionID } = params as { handler: string; functionID: string };
  const path = join(root, dirname(handler), basename(handler).split('.')[0] ?? '');
  const exported = handler.split('.').at(-1) ?? '';
  const source = ['.ts', '.mts'].map((ending) => `${path}${ending}`).find((one) => existsSync(one));
  if (source === undefined) return { errors: [`${functionID}: there is no ${handler}`], handler, out: work };
  const out = join(work, 'artifacts', functionID);
  mkdirSync(out, { recursive: true });
  const result = await build({
    entryPoints: [source],
    outfile: join(out, 'bundle.mjs'),
    bundle: true,
    ...(!sizes && { packages: 'external' as const }),
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'es2024',
    keepNames: true,
    mainFields: ['module', 'main'],
    metafile: true,
    write: true,
    logLevel: 'silent',
    banner: {
      js: 'import { createRequire as topLevelCreateRequire } from "module"; const require = topLevelCreateRequire(import.meta.url);',
    },
  });
  const [output] = Object.values(result.metafile.outputs).filter(({ entryPoint }) => entryPoint !== undefined);
  if (!output?.exports.includes(exported))
    return { errors: [`${functionID}: ${handler} does not export ${exported}`], handler, out };
  if (sizes) bundles[handler] = statSync(join(out, 'bundle.mjs')).size;
  // SST zips what is there; a test needs no megabytes of it.
  writeFileSync(join(out, 'bundle.mjs'), '');
  return { out, handler: `bundle.${exported}`, errors: [], sourcemaps: [] };
}
