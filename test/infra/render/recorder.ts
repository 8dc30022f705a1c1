import crypto, { createHash, type randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { answerTo, outputsOf } from './mocks.ts';
import type { Resource } from './rendered.ts';

/** Only what is used of Pulumi: it lies in the platform's own modules, which nobody else resolves. */
interface Pulumi {
  readonly runtime: {
    setMocks(mocks: object, project: string, stack: string, preview: boolean, organization: string): Promise<void>;
    runInPulumiStack(program: () => Promise<unknown>): Promise<unknown>;
  };
  readonly MockMonitor: { readonly prototype: { registerResource(request: Request, done: unknown): unknown } };
}

interface Request {
  getParent(): string;
  getProtect(): boolean;
  getRetainondelete(): boolean;
  getDependenciesList(): readonly string[];
}

/**
 * Runs the program and writes down what it asks for, when nothing is left to happen: links and functions register after the program's own
 * promise is done.
 */
export async function record(
  { runtime, MockMonitor }: Pulumi,
  app: { name: string; stage: string },
  program: () => Promise<unknown>,
) {
  const resources: Resource[] = [];
  const problems: string[] = [];
  const note = (error: unknown) =>
    problems.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.on('unhandledRejection', note);
  process.on('uncaughtException', note);
  process.once('beforeExit', () => {
    writeFileSync(process.env.RENDER_OUT ?? '', JSON.stringify({ resources, problems }));
  });
  // Physical names end in random letters: two renders must be the same.
  crypto.randomBytes = ((size: number) => Buffer.alloc(size)) as typeof randomBytes;
  let current: Request | undefined;
  const { registerResource } = MockMonitor.prototype;
  // The mocks are not told of a resource's options.
  MockMonitor.prototype.registerResource = function (this: unknown, request: Request, done: unknown) {
    current = request;
    try {
      return registerResource.call(this as never, request, done);
    } finally {
      current = undefined;
    }
  };
  const mocks = {
    newResource: (of: { type: string; name: string; inputs: Record<string, unknown>; custom?: boolean }) => {
      const outputs = outputsOf(of.type, of.name, of.inputs);
      resources.push({
        type: of.type,
        name: of.name,
        inputs: of.inputs,
        outputs,
        parent: current?.getParent() ?? '',
        protect: current?.getProtect() ?? false,
        retain: current?.getRetainondelete() ?? false,
        after: (current?.getDependenciesList() ?? []).map((urn) => urn.split('::').at(-1) ?? '').sort(),
      });
      return { id: `${of.name}-${createHash('sha256').update(of.type).digest('hex').slice(0, 6)}`, state: outputs };
    },
    call: (of: { token: string; inputs: Record<string, unknown> }) => {
      const answer = answerTo(of.token, of.inputs);
      if (answer === undefined) {
        note(`no answer to ${of.token}`);
        throw new Error(`no answer to ${of.token}`);
      }
      return answer;
    },
  };
  await runtime.setMocks(mocks, app.name, app.stage, false, 'organization');
  await runtime.runInPulumiStack(program).catch(note);
}
