import { type Instant, iso } from '../lib/domain/time.ts';
import { type Command, type Given, none, only, WrongUse } from './command.ts';
import { type Output, quoted } from './print.ts';
import { call, reach } from './stack.ts';

/** The commands about webhooks that were kept and that nobody acts on. */
export const noticeCommands: readonly Command[] = [
  {
    name: 'notices',
    help: [
      ['--quarantined', 'webhooks that were kept and that nobody acts on, and why'],
      ['[--cursor CURSOR]', ''],
    ],
    takes: ['quarantined', 'cursor'],
    run: notices,
  },
  {
    name: 'replay',
    help: [['NOTICE', 'take a quarantined one up again, after mending what was wrong']],
    takes: [],
    run: replay,
  },
];

interface NoticeView {
  readonly notice: string;
  readonly word: string;
  readonly quarantinedAt: number;
  readonly code: string | null;
  readonly replayable: boolean;
}

async function notices(given: Given, out: Output): Promise<number> {
  none(given, 'notices');
  const { quarantined, cursor } = given.values;
  if (!quarantined) throw new WrongUse('notices takes --quarantined: nothing else is listed');
  const query = new URLSearchParams({ status: 'quarantined', ...(cursor !== undefined && { cursor }) });
  const page = await call<{ notices: NoticeView[]; cursor: string | null }>(reach(process.env), 'viewer', {
    path: `/v1/notices?${query}`,
  });
  for (const one of page.notices) {
    const end = one.replayable ? '' : '  (nobody here reads what it is)';
    out.line(`${one.notice}  ${one.word}  since ${iso(one.quarantinedAt as Instant)}: ${one.code ?? 'unknown'}${end}`);
  }
  if (page.notices.length === 0) out.line('no quarantined notices');
  if (page.cursor !== null) out.line(`more: redress notices --quarantined --cursor ${quoted(page.cursor)}`);
  out.value(page);
  return 0;
}

async function replay(given: Given, out: Output): Promise<number> {
  const notice = only(given, 'replay takes the name of a notice, as "notices --quarantined" prints it');
  const done = await call(reach(process.env), 'operator', {
    method: 'POST',
    path: '/v1/notices/replay',
    body: { notice },
  });
  out.line(`${notice} is taken up again`);
  out.value(done);
  return 0;
}
