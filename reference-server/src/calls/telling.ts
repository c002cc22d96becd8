import { accept, callEnded, cancel, invite, reject, ringing, type PeerId } from '@parley/schemas'
import { whenReady, type Awaitable } from '../directory.ts'
import type { Frame } from '../frame.ts'
import { writeMessage } from '../reply.ts'
import type { Router } from '../router.ts'
import type { Services } from '../services.ts'
import type { Telling } from './call.ts'

/** Sends what there is to say of calls, in order. */
export function tell(router: Router, tellings: readonly Telling[]): Awaitable<void> {
  const pending = tellings.flatMap((telling) => router.deliver(telling.to, write(telling)) ?? [])
  return pending.length === 0 ? undefined : Promise.all(pending).then(() => undefined)
}

/** Ends the part of a peer that has gone in its calls: ring.caller-lost, ring.endpoint-lost, talk.lost. */
export function leaveCalls(peer: PeerId, { calls, router }: Services): Awaitable<void> {
  return whenReady(calls.detach(peer), (tellings) => tell(router, tellings))
}

/** Ends the calls whose time is over: ring.timeout. */
export function endOverdueCalls({ calls, router, journal }: Services): void {
  const work = whenReady(calls.sweep(), (tellings) => tell(router, tellings))
  if (work instanceof Promise)
    work.catch((cause: unknown) => {
      journal.broke(undefined, cause, 'ending calls that rang for too long failed')
    })
}

function write(telling: Telling): Frame {
  const { call } = telling
  switch (telling.type) {
    case 'ringing':
      return writeMessage(ringing.type, { call })
    case 'accept':
      return writeMessage(accept.type, { call, callee: telling.callee })
    case 'reject':
      return writeMessage(reject.type, { call, reason: telling.reason })
    case 'cancel':
      return writeMessage(cancel.type, { call, reason: telling.reason })
    case 'call-ended':
      return writeMessage(callEnded.type, { call, reason: telling.reason })
    case 'invite': {
      const { caller, label, data } = telling
      const members = { call, caller, ...(label === undefined ? {} : { label }) }
      return data === undefined
        ? writeMessage(invite.type, members)
        : writeMessage(invite.type, members, { data })
    }
  }
}
