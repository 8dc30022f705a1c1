import { type Acted, type ExecuteNeeds, holdIfTooLong, type Turn, waitLonger } from './turn.ts';
import { forgetUnheard, hear } from './unheard.ts';

/** Nobody knows what came to its payment (F44). Its gateway may never say: then a person looks, and their yes is enough. */
export async function hearFirst(needs: ExecuteNeeds, turn: Turn, noted: string): Promise<Acted> {
  const of = { merchant: turn.loaded.merchant, payment: turn.leg.payment, author: turn.author };
  if (await hear(needs, of, noted)) return 'again';
  const held = await holdIfTooLong(needs, turn);
  if (held === 'done') await forgetUnheard(needs, of, noted);
  return held ?? waitLonger(needs, turn);
}
