import { stringOf, type Wire } from '../endpoint/wire.ts'
import type { RunObservation } from './run-observation.ts'
import type { SessionView } from './session-view.ts'
import type { Report } from './violation.ts'

/** Makes what watches the calls of one endpoint. */
export function createCallObserver(
  { watch, callLedger, roomLedger }: Pick<RunObservation, 'watch' | 'callLedger' | 'roomLedger'>,
  report: Report,
): SessionView['calls'] {
  let self = ''

  return {
    sent: (message) => {
      if (message['type'] === 'invite') callLedger.inviteSent(message)
    },
    received: (message) => {
      if (message['type'] === 'welcome') self = stringOf(message, 'peer') ?? ''
      if (message['type'] === 'invite') watchCallee(message)
    },
  }

  function watchCallee(message: Wire): void {
    const callees = callLedger.calleesOf(stringOf(message, 'call') ?? '')
    const [callee] = callees
    if (callee === undefined) return
    watch.look('ring.only-endpoints')
    if (callees.some(mayBe)) return
    report(
      'ring.only-endpoints',
      `an invite at its callee ${JSON.stringify(callee)} alone`,
      'another peer got it',
    )
  }

  /** Whether this peer may be the one, or one of those, that `callee` names. */
  function mayBe(callee: unknown): boolean {
    if (typeof callee !== 'object' || callee === null) return true
    const peer = stringOf(callee as Wire, 'peer')
    const user = stringOf(callee as Wire, 'user')
    if (peer !== undefined) return peer === self
    return user === undefined || !roomLedger.knowsUserOf(self) || roomLedger.userOf(self) === user
  }
}
