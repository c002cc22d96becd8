import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import { hangupTo } from '../scene/negotiation-message.ts'
import { expectAccepted } from '../scene/refusal.ts'

/** Updates in one go, each followed by a message: their data is one byte long, which every server has to take. */
const rounds = 9

/** Whoever hears from a peer knows the data that the peer had given itself before it spoke. */
async function updatesComeFirst(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const calls = Array.from({ length: rounds }, () => t.callId())
  const posted = calls.map((call, place) => {
    const update = a.post({ type: 'update', room, data: place })
    a.send(hangupTo({ room, to: b.peer, call }))
    return update
  })
  for (const update of posted) await expectAccepted(update, 'ok', 'an update')
  await t.barrier(a, b, room)
  let known = -1
  for (const { message } of b.log) {
    const member = message['member'] as { readonly peer?: unknown; readonly data?: unknown } | undefined
    if (message['type'] === 'peer-updated' && member?.peer === a.peer) {
      // A server may repeat what is known of a peer, also of one that has no data yet.
      if (known === -1 && member.data === undefined) continue
      known = Number(member.data)
    }
    if (Number.isNaN(known)) t.couldNotRun('A peer-updated came with other data: see rooms.update')
    const place = message['type'] === 'hangup' ? calls.indexOf(String(message['call'])) : -1
    if (place <= known) continue
    throw new CheckFailure(
      `the peer-updated with data ${String(place)} before the hangup that ${a.name} sent after that update`,
      known === -1
        ? 'the hangup came before any peer-updated'
        : `the hangup came after the peer-updated with data ${String(known)} alone`,
    )
  }
}

/** Checks of spec/rooms.md: what is told of a change, beside what its peer says. */
export const updateOrderChecks: readonly Check[] = [
  check('rooms.updated-in-order', 'updates in one go with messages', updatesComeFirst),
]
