import type { CallResult } from '@parley/reference-server'
import { misrung, type CallOverrides } from '../altered-calls.ts'
import type { Frame } from '../middleman.ts'
import { tampered, type Mutants } from '../mutant.ts'
import { isRelayed, textOf, without } from '../rule.ts'

/** How long a message is looked at, in milliseconds. */
const lookMs = 25

/** Takes its time for what peers say of one kind, and does nothing about the end of a connection that has come meanwhile. */
function oversleeping(kind: 'invite' | 'accept'): CallOverrides {
  return (inner) => {
    const justNow = new Set<string>()
    const looking = async (result: () => CallResult, peer: string) => {
      await new Promise((resolve) => setTimeout(resolve, lookMs))
      justNow.add(peer)
      setImmediate(() => justNow.delete(peer))
      return result()
    }
    return {
      invite: (invitation) => {
        const begin = () => inner.invite(invitation)
        return kind === 'invite' ? looking(begin, invitation.caller.peer) : begin()
      },
      act: (call, event) => {
        const act = () => inner.act(call, event)
        return kind === event.kind ? looking(act, event.by) : act()
      },
      detach: (peer) => (justNow.has(peer) ? [] : inner.detach(peer)),
    }
  }
}

const isInCall = (frame: Frame) => isRelayed(frame) && !('room' in frame)

/** Faults in what is said in a call, and in what comes right behind it. */
export const atOnceMutants: Mutants = [
  tampered('believes what a message of a call says of its sender', 'frames.forged-from', () => {
    const said = new Map<string, unknown>()
    return {
      toServer: (frame) => {
        if (!isInCall(frame) || !('from' in frame)) return true
        said.set(textOf(frame, 'id'), frame['from'])
        return without(frame, 'from')
      },
      toClient: (frame) => {
        const from = isInCall(frame) ? said.get(textOf(frame, 'id')) : undefined
        return from === undefined ? true : { ...frame, from }
      },
    }
  }),
  misrung(
    'rings for a caller that is gone when it has looked at its invite',
    'ring.caller-lost',
    oversleeping('invite'),
  ),
  misrung(
    'gives a call to an endpoint that is gone when it has looked at its accept',
    'talk.lost',
    oversleeping('accept'),
  ),
]
