import { eventsLaw } from './events-law.ts';
import { importLaw } from './import-law.ts';
import { packagesLaw } from './packages-law.ts';
import { platformLaw } from './platform-law.ts';
import { poisonLaw } from './poison-law.ts';
import { secretsLaw } from './secrets-law.ts';
import { sizes } from './size-law.ts';
import { tidyLaw } from './tidy-law.ts';
import type { Law } from './violation.ts';

/** Every law, by what it says. */
export const laws: Readonly<Record<string, Law>> = {
  'imports go one way': importLaw,
  'platforms are named in their folders': platformLaw,
  'domain and app touch no clock, chance or outside world': poisonLaw,
  'files are tidy': tidyLaw,
  'files and functions are short': sizes,
  'every event has a line on the map': eventsLaw,
  'nothing looks like a secret, a card or an address': secretsLaw,
  'packages are pinned, scriptless and from nowhere in particular': packagesLaw,
};
