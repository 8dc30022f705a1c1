import { lexed, type Token } from './lexer.ts';
import { type File, lineAt } from './violation.ts';

/** A function's body: from its opening to its closing line, nested functions included. */
export interface Body {
  readonly at: number;
  readonly lines: number;
}

/** The bodies of all functions of the file: declarations, methods, and arrows with or without braces. */
export function bodiesOf(file: File): readonly Body[] {
  const { tokens } = lexed(file);
  const closing = pairs(tokens);
  return tokens.flatMap((token, index) => {
    if (token.kind !== 'punctuation') return [];
    const span =
      token.text === '=>'
        ? arrow(tokens, closing, index)
        : token.text === '('
          ? named(tokens, closing, index)
          : undefined;
    const [first, last] = [tokens[span?.[0] ?? -1], tokens[span?.[1] ?? -1]];
    if (first === undefined || last === undefined) return [];
    return [{ at: first.at, lines: lineAt(file.text, last.at) - lineAt(file.text, first.at) + 1 }];
  });
}

type Span = readonly [first: number, last: number];

function arrow(tokens: readonly Token[], closing: ReadonlyMap<number, number>, index: number): Span | undefined {
  const end = closing.get(index + 1);
  if (tokens[index + 1]?.text === '{' && end !== undefined) return [index, end];
  // Without braces it ends where what holds it goes on: a comma, a semicolon, or the holder's own end.
  let at = index + 1;
  while (at < tokens.length && !/^[,;)\]}]$/.test(punctuation(tokens[at]))) at = (closing.get(at) ?? at) + 1;
  return at > index + 1 ? [index, at - 1] : undefined;
}

/** `name(…) {`, also with a type behind the parenthesis; not `if (…) {` and its like. */
function named(tokens: readonly Token[], closing: ReadonlyMap<number, number>, open: number): Span | undefined {
  const before = tokens[open - 1];
  if (before === undefined || controls.has(before.text)) return undefined;
  const close = closing.get(open);
  if (close === undefined) return undefined;
  const start = tokens[close + 1]?.text === ':' ? afterType(tokens, closing, close + 2) : close + 1;
  const end = start === undefined ? undefined : closing.get(start);
  return punctuation(tokens[start ?? -1]) === '{' && start !== undefined && end !== undefined ? [open, end] : undefined;
}

const controls = new Set(['if', 'for', 'while', 'switch', 'catch', 'with', 'await']);
const statements = new Set([
  'return',
  'const',
  'let',
  'if',
  'throw',
  'for',
  'await',
  'new',
  'case',
  'break',
  'while',
  'switch',
]);

/** The brace that opens a body behind a return type: the first one that does not continue the type. */
function afterType(tokens: readonly Token[], closing: ReadonlyMap<number, number>, start: number): number | undefined {
  for (let at = start; at < tokens.length; at = (closing.get(at) ?? at) + 1) {
    const [token, before] = [tokens[at], tokens[at - 1]];
    if (token === undefined || before === undefined || statements.has(token.text)) return undefined;
    if (/^(?:[;,)\]}?=]|=>)$/.test(punctuation(token))) return undefined;
    const typeGoesOn = /^(?:[:|&<]|is|extends|keyof|readonly)$/.test(before.text);
    if (punctuation(token) === '{' && !typeGoesOn) return at;
  }
  return undefined;
}

const punctuation = (token: Token | undefined): string => (token?.kind === 'punctuation' ? token.text : '');

/** Where each bracket closes. A template's `${` is not among the tokens, its `}` neither. */
function pairs(tokens: readonly Token[]): ReadonlyMap<number, number> {
  const open: number[] = [];
  const found = new Map<number, number>();
  tokens.forEach((token, index) => {
    const text = punctuation(token);
    if (text === '(' || text === '[' || text === '{') open.push(index);
    const start = text === ')' || text === ']' || text === '}' ? open.pop() : undefined;
    if (start !== undefined) found.set(start, index);
  });
  return found;
}
