import { at, type File, type Law, type Violation } from './violation.ts';

/** Nothing in the tree looks like a key that works, a card number or, in fixtures, an e-mail address. */
export const secretsLaw: Law = (files) =>
  files
    .filter(({ path }) => path !== 'package-lock.json' && path !== 'LICENSE')
    .flatMap((file) => [...keys(file), ...cardNumbers(file), ...(isFixture(file.path) ? emails(file) : [])]);

const isFixture = (path: string): boolean => /(?:^|\/)(?:fixtures|vectors)\//.test(path) || path.endsWith('.json');

// The beginnings are put together, so that this file does not look like what it looks for.
const keyShapes: readonly (readonly [string, RegExp])[] = [
  ['a live Stripe key', new RegExp(`\\b(?:sk|rk)_${'live'}_[A-Za-z0-9]{16,}`, 'g')],
  ['an AWS access key', /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g],
  ['a private key', new RegExp(`-----BEGIN [A-Z ]*${'PRIVATE'} KEY-----`, 'g')],
  ['a Shopify token', /\bshp(?:at|ca|pa|ss)_[a-f0-9]{32}\b/g],
  ['a GitHub token', /\bgh[pousr]_[A-Za-z0-9]{36}\b/g],
  ['a signed token', /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/g],
];

function keys(file: File): Violation[] {
  return keyShapes.flatMap(([name, shape]) =>
    [...file.text.matchAll(shape)].map((match) =>
      at(file, match.index, 'secret', `looks like ${name}: make one at run time, or spoil it visibly`),
    ),
  );
}

/** Digits as cards are written, in one piece or in groups, with a network's beginning and a right check digit. */
function cardNumbers(file: File): Violation[] {
  const groups = /(?<![\w.-])(?:\d{13,19}|\d{4}(?:[ -]\d{4}){2,3}[ -]\d{1,4}|\d{4}[ -]\d{6}[ -]\d{5})(?![\w-])/g;
  return [...file.text.matchAll(groups)]
    .map((match) => ({ index: match.index, digits: match[0].replace(/[ -]/g, '') }))
    .filter(({ digits }) => isCardNumber(digits) && !nobodysCards.has(digits))
    .map(({ index }) => at(file, index, 'card-number', 'is a valid card number: no card data, not even in tests'));
}

/** Bait for tests that show that card numbers go nowhere: the one number that Stripe prints in its documentation. */
const nobodysCards = new Set(['4242'.repeat(4)]);

const networks =
  /^(?:4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|4[4-9]\d|5\d\d)\d{12}|35\d{14})$/;

export function isCardNumber(digits: string): boolean {
  if (!networks.test(digits)) return false;
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

function emails(file: File): Violation[] {
  return [...file.text.matchAll(/[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/gi)]
    .filter(([address]) => !reserved.test(address))
    .map((match) =>
      at(file, match.index, 'e-mail', 'may be somebody’s address: leave it out, or write one of example.com'),
    );
}

/** Domains that belong to nobody (RFC 2606). */
const reserved = /@(?:[\w-]+\.)*(?:example\.(?:com|org|net)|example|invalid|test)$/i;
