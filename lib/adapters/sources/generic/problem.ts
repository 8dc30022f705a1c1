import type * as z from 'zod/mini';

type Issue = z.core.$ZodIssue;

/** The first thing wrong, for the sender: `data.lines[0].price: is not a decimal string …`. Fields are named, content never is. */
export function problemOf(issues: readonly Issue[]): string {
  const [issue] = issues;
  if (issue === undefined) return 'is not as the schema says';
  return `${pathOf(issue.path)}${wordsOf(issue)}`;
}

function wordsOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `is not ${issue.expected === 'int' ? 'a whole number' : `of type ${issue.expected}`}, or missing`;
    case 'unrecognized_keys':
      return `has a field that the schema does not know${named(issue.keys[0])}`;
    case 'too_small':
      return `is less than ${issue.minimum}, or shorter`;
    case 'too_big':
      return `is more than ${issue.maximum}, or longer`;
    case 'invalid_format':
      return issue.message;
    default:
      return 'is not as the schema says';
  }
}

/** A field's name helps against a slip of the pen; what does not look like one could be anything. */
const named = (key: string | undefined): string =>
  key !== undefined && /^[A-Za-z][A-Za-z0-9_-]{0,39}$/.test(key) ? ` (${key})` : '';

const pathOf = (path: readonly PropertyKey[]): string => {
  const text = path.reduce<string>(
    (all, part) =>
      typeof part === 'number' ? `${all}[${part}]` : all === '' ? String(part) : `${all}.${String(part)}`,
    '',
  );
  return text === '' ? '' : `${text}: `;
};
