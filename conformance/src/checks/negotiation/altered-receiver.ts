import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import type { Way } from '../scene/carriage.ts'
import { expectUndelivered, refusesEach } from './relay-refusals.ts'

/** Characters of the shortest and of the longest peer id. */
const [shortest, longest] = [16, 64] as const

/** Characters of an id that may be taken for all that is worth comparing. */
const prefix = 20

/** An id that is nearly a member's, in words. */
type Altered = readonly [what: string, id: string]

/** Ids of the right form that begin as a member's does, or in which one character is another. */
function nearly(peer: string): readonly Altered[] {
  const last = peer.endsWith('0') ? '1' : '0'
  const cut = peer.slice(0, Math.min(prefix, peer.length - 1))
  return [
    ...(cut.length < shortest
      ? []
      : [[`the first ${String(cut.length)} characters of a member's id`, cut] as const]),
    ...(peer.length < longest ? [["a member's id with one more character", `${peer}0`] as const] : []),
    ["a member's id whose last character is another", peer.slice(0, -1) + last],
  ]
}

/** Each is refused for every type, and nobody gets it. */
async function refusesAltered(
  t: CheckContext,
  { room, a, b }: Way,
  altered: readonly Altered[],
): Promise<void> {
  const calls: string[] = []
  for (const [what, to] of altered)
    calls.push(...(await refusesEach(t, a, { room, to }, 'peer-not-found', `a message to ${what}`)))
  // The control: the id as it is.
  await t.barrier(a, b, room)
  await t.barrier(b, a, room)
  expectUndelivered([a, b], calls, 'a message whose receiver is no peer')
}

/** Whoever looks ids up by their begin finds a member here. */
async function comparesWholeIds(t: CheckContext): Promise<void> {
  const way = await t.pair()
  await refusesAltered(t, way, nearly(way.b.peer))
}

/** Whoever folds case finds a member here. */
async function keepsIdsApart(t: CheckContext): Promise<void> {
  const way = await t.pair()
  const { peer } = way.b
  const letter = /[a-z]/i.exec(peer)?.[0] ?? t.notApplicable('The peer ids of this server have no letters')
  const other = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()
  const what = "a member's id with one letter in the other case"
  await refusesAltered(t, way, [[what, peer.replace(letter, other)]])
}

/** Checks of messages to what is nearly the id of a member. */
export const alteredReceiverChecks: readonly Check[] = [
  check('relay.peer-not-found', 'receivers whose id is nearly that of a member', comparesWholeIds, {
    name: 'nearly',
  }),
  check('frames.exact-names', 'peer ids that differ in case are others', keepsIdsApart, { name: 'peers' }),
]
