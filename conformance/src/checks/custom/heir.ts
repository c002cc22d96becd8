import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { expecting, presupposing } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { seesJoin } from '../scene/membership.ts'
import { requireUnheard, say } from './stage.ts'

/** Who takes over from a peer has what its own hello has named, not what that of the other had. */
async function heirIsBare(t: CheckContext): Promise<void> {
  const room = t.room()
  const [a, old] = (await t.clients(2)) as [Endpoint, Endpoint]
  await t.join(room, a, old)
  const heir = await t.client({ capabilities: [], hello: { replaces: old.session } })
  await t.join(room, heir)
  await seesJoin(a, room, heir)
  const said = [say(a, { room, to: heir.peer, n: 1 }), say(a, { room, n: 2 })]
  for (const each of said) await each.outcome('an outcome of a custom message')
  await presupposing(
    'replaces.new-identity',
    expecting('who replaces a member to be reached once it has joined', t.barrier(a, heir, room)),
  )
  requireUnheard(
    [heir],
    [1, 2],
    'a custom message to who replaces a peer that had custom, and has not asked for it itself',
  )
}

/** The check of a client that takes over from one with `custom`. */
export const heirOfCustomCheck: Check = check(
  'capabilities.core-only',
  'a client without custom takes over from one with it',
  heirIsBare,
  { name: 'heir', capability: 'custom' },
)
