import type { File } from './violation.ts';

/**
 * TypeScript as a list of words, enough for laws about names: comments apart, strings whole, regular expressions never mistaken for
 * quotes. It knows no grammar. What it can't read it says (`unreadable`), so that no law passes over a file in silence.
 */
export interface Lexed {
  readonly tokens: readonly Token[];
  readonly comments: readonly Token[];
  /** Where reading ended too early. */
  readonly unreadable?: number;
}

export interface Token {
  /** `string` has its content as text, without quotes; `template` is a piece of one with substitutions. */
  readonly kind: 'word' | 'number' | 'string' | 'template' | 'regex' | 'punctuation' | 'comment';
  readonly text: string;
  readonly at: number;
}

const known = new WeakMap<File, Lexed>();

/** The file as tokens; read once per file. */
export function lexed(file: File): Lexed {
  const found = known.get(file) ?? lex(file.text);
  known.set(file, found);
  return found;
}

const patterns = {
  space: /\s+/y,
  comment: /\/\/[^\n]*|\/\*[\s\S]*?\*\//y,
  word: /[\p{ID_Start}$_#][\p{ID_Continue}$]*/uy,
  number: /(?:0[xob][\da-f_]+|\d[\d_]*(?:\.[\d_]*)?(?:e[+-]?\d+)?|\.\d[\d_]*(?:e[+-]?\d+)?)n?/iy,
  string: /'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"/y,
  regex: /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y,
  punctuation: /=>|===|!==|==|!=|\?\.(?!\d)|\.\.\.|\+\+|--|&&|\|\||\?\?|[^\s\w]/y,
  template: /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*/y,
} as const;

const blank = patterns.space;

/** After these a `/` begins a regular expression; after any other word it divides. */
const beforeRegex = new Set('return typeof case in of delete void throw new else do instanceof await yield'.split(' '));

export function lex(text: string): Lexed {
  const tokens: Token[] = [];
  const comments: Token[] = [];
  /** Braces open inside each `${` that has not ended. */
  const substitutions: number[] = [];
  let at = text.startsWith('#!') ? Math.max(text.indexOf('\n'), 0) : 0;

  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  const push = (kind: Token['kind'], raw: string, content = raw) => {
    (kind === 'comment' ? comments : tokens).push({ kind, text: content, at });
    at += raw.length;
  };
  /** From after a backtick or a substitution's end to the next one. False where the template never ends. */
  const template = (first: boolean): boolean => {
    const content = take(patterns.template) ?? '';
    const closes = text[at + content.length] === '`';
    if (!closes && !text.startsWith('${', at + content.length)) return false;
    push(first && closes ? 'string' : 'template', content);
    at += closes ? 1 : 2;
    if (!closes) substitutions.push(0);
    return true;
  };

  while (at < text.length) {
    at += take(blank)?.length ?? 0;
    const next = text[at];
    if (next === undefined) break;
    const inner = substitutions.length - 1;
    if (next === '`' || (next === '}' && substitutions[inner] === 0)) {
      if (next === '}') substitutions.pop();
      at++;
      if (!template(next === '`')) return { tokens, comments, unreadable: at };
      continue;
    }
    const comment = take(patterns.comment);
    if (comment !== undefined) {
      push('comment', comment);
      continue;
    }
    const token = one(next);
    if (token === undefined) return { tokens, comments, unreadable: at };
    const depth = substitutions[inner];
    if (depth !== undefined && token.kind === 'punctuation') {
      if (token.raw === '{') substitutions[inner] = depth + 1;
      if (token.raw === '}') substitutions[inner] = depth - 1;
    }
    push(token.kind, token.raw, token.kind === 'string' ? token.raw.slice(1, -1) : token.raw);
  }
  return substitutions.length > 0 ? { tokens, comments, unreadable: at } : { tokens, comments };

  function one(first: string): { kind: Token['kind']; raw: string } | undefined {
    if (first === '"' || first === "'") return found('string');
    if (first === '/' && regexFits(tokens.at(-1), tokens.at(-2))) return found('regex');
    return found('word') ?? (/[\d.]/.test(first) ? found('number') : undefined) ?? found('punctuation');
  }
  function found(kind: 'word' | 'number' | 'string' | 'regex' | 'punctuation') {
    const raw = take(patterns[kind]);
    return raw === undefined ? undefined : { kind, raw };
  }
}

function regexFits(before: Token | undefined, earlier: Token | undefined): boolean {
  if (before === undefined) return true;
  if (before.kind === 'word') return beforeRegex.has(before.text) && earlier?.text !== '.';
  if (before.kind !== 'punctuation') return false;
  // `value! / 2`: the mark ends a value.
  if (before.text === '!')
    return !(earlier && (earlier.kind === 'word' || earlier.text === ')' || earlier.text === ']'));
  return ![')', ']', '++', '--'].includes(before.text);
}
