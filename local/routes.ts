/** A route as API Gateway writes it: `POST /webhooks/returns/{connection}`, `ANY /v1/{proxy+}`. */
export interface Matcher<T> {
  match(method: string, path: string): Matched<T> | undefined;
}

export interface Matched<T> {
  readonly route: T;
  /** Decoded; a path that can't be decoded matches no route. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** Picks the most specific route, as API Gateway does: text before `{one}` before `{rest+}`, a method before `ANY`. */
export function matcher<T extends { readonly route: string }>(routes: readonly T[]): Matcher<T> {
  const patterns = routes.map((route) => ({ route, ...parsePattern(route.route) }));
  patterns.sort((a, b) => (a.rank < b.rank ? -1 : 1));
  return {
    match: (method, path) => {
      for (const pattern of patterns) {
        if (pattern.method !== 'ANY' && pattern.method !== method) continue;
        const parameters = parametersOf(pattern.segments, path);
        if (parameters !== undefined) return { route: pattern.route, parameters };
      }
      return undefined;
    },
  };
}

interface Pattern {
  readonly method: string;
  readonly segments: readonly string[];
  readonly rank: string;
}

const greedy = /^\{(\w+)\+\}$/;
const single = /^\{(\w+)\}$/;

function parsePattern(text: string): Pattern {
  const [method, path] = text.split(' ');
  if (method === undefined || path === undefined || !path.startsWith('/')) throw new Error(`not a route: ${text}`);
  const segments = path.split('/').slice(1);
  const kinds = segments.map((segment) => (greedy.test(segment) ? '2' : single.test(segment) ? '1' : '0'));
  return { method, segments, rank: `${kinds.join('')} ${method === 'ANY' ? 1 : 0}` };
}

function parametersOf(segments: readonly string[], path: string): Record<string, string> | undefined {
  const parts = path.split('/').slice(1);
  const parameters: Record<string, string> = {};
  for (const [at, segment] of segments.entries()) {
    const rest = greedy.exec(segment)?.[1];
    const value = rest === undefined ? parts[at] : parts.slice(at).join('/');
    const decoded = value === undefined ? undefined : decode(value);
    if (decoded === undefined) return undefined;
    const name = rest ?? single.exec(segment)?.[1];
    // A parameter has to have a value: `/webhooks/returns/` names no connection.
    if (name === undefined ? segment !== value : decoded === '') return undefined;
    if (name !== undefined) parameters[name] = decoded;
    if (rest !== undefined) return parameters;
  }
  return parts.length === segments.length ? parameters : undefined;
}

function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
