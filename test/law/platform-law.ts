import { lexed, type Token } from './lexer.ts';
import { at, type File, type Law, type Violation } from './violation.ts';
import { isTest } from './zones.ts';

/**
 * A platform's name appears in its own folder, the lists of readers and clients, roots and tests: everywhere else, what differs between platforms is
 * a capability or a verb. Comments may name them; they are documentation.
 */
export const platformLaw: Law = (files) => {
  const names = platformNames(files);
  return files
    .filter(({ path }) => path.endsWith('.ts') && !isTest(path))
    .flatMap((file) => [
      ...(mayName(file.path) ? [] : namings(file, names)),
      ...(isList(file.path) ? [] : comparisons(file)),
    ]);
};

/** Platforms we know of, whether or not they have a folder yet. Names that are everyday words are left to the folders. */
const wellKnown =
  'stripe adyen paypal mollie braintree klarna worldpay authorizenet checkoutcom shopify woocommerce bigcommerce magento loop narvar'.split(
    ' ',
  );

/** An everyday word names a platform only as a whole string: `'generic'`. */
const everyday = new Set(['generic', 'square', 'checkout', 'loop']);

interface Names {
  readonly distinctive: readonly string[];
  readonly everyday: ReadonlySet<string>;
}

function platformNames(files: readonly File[]): Names {
  const folders = files.flatMap(({ path }) => folderOf(path) ?? []);
  const names = [...new Set([...wellKnown, ...folders])];
  return { distinctive: names.filter((name) => !everyday.has(name)), everyday };
}

const folderOf = (path: string): string | undefined =>
  /^lib\/adapters\/(?:gateways|sources)\/([^/]+)\//.exec(path)?.[1];
const isList = (path: string): boolean =>
  /^lib\/adapters\/(?:(?:gateways|sources)\/(?:readers|clients|tended)|gateways\/platforms)\.ts$/.test(path);
const mayName = (path: string): boolean =>
  isList(path) || /^(?:functions\/wire|local|sim|cli|bench|test)\/|^[^/]+\.config\.ts$/.test(path);

function namings(file: File, names: Names): Violation[] {
  const own = folderOf(file.path);
  return lexed(file).tokens.flatMap((token) => {
    const name = named(token, names);
    if (name === undefined || name === own) return [];
    return [
      at(file, token.at, 'platform-name', `names "${name}"; make the difference a capability or a verb of its folder`),
    ];
  });
}

function named({ kind, text }: Token, names: Names): string | undefined {
  if (kind === 'string' && names.everyday.has(text)) return text;
  if (kind === 'number' || kind === 'punctuation') return undefined;
  const lower = text.toLowerCase();
  return names.distinctive.find((name) => lower.includes(name));
}

/** `connection.platform === '…'`, either way round, and `switch (connection.platform)`. Node's own `process.platform` is another thing. */
function comparisons(file: File): Violation[] {
  const { tokens } = lexed(file);
  return tokens.flatMap((token, index) => {
    if (token.kind !== 'word' || token.text !== 'platform' || tokens[index - 2]?.text === 'process') return [];
    const start = startOfName(tokens, index);
    const compared =
      (isComparison(tokens[index + 1]) && tokens[index + 2]?.kind === 'string') ||
      (isComparison(tokens[start - 1]) && tokens[start - 2]?.kind === 'string') ||
      (tokens[start - 1]?.text === '(' && tokens[start - 2]?.text === 'switch');
    return compared
      ? [
          at(
            file,
            token.at,
            'platform-comparison',
            'compares a platform’s name; make the difference a capability or a verb of its folder',
          ),
        ]
      : [];
  });
}

const isComparison = (token: Token | undefined): boolean => /^[!=]==?$/.test(token?.text ?? '');

/** Index of `a` in `a.b.c`, given that of `c`. */
function startOfName(tokens: readonly Token[], index: number): number {
  let start = index;
  while (/^\??\.$/.test(tokens[start - 1]?.text ?? '') && tokens[start - 2]?.kind === 'word') start -= 2;
  return start;
}
