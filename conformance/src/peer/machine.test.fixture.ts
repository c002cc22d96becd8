import { eventsIn, machines, transitionsOf, type EventOf, type StateOf } from '@parley/schemas'
import type { CallLogEntry } from './call-log.ts'

/** How the machine `negotiation` of the specification calls a step of a call; `undefined` for what it has no word for. */
function eventOf(entry: CallLogEntry): EventOf<'negotiation'> | undefined {
  if (entry.step === 'description-sent') return entry.type === 'offer' ? 'offer-sent' : 'answer-sent'
  if (entry.step === 'description-applied') return entry.type === 'offer' ? 'offer' : 'answer'
  if (entry.step === 'offer-ignored') return 'offer'
  if (entry.step === 'candidate-received') return 'candidate'
  if (entry.step === 'ended') return entry.by === 'local' ? 'hangup-sent' : 'hangup'
  return undefined
}

/**
 * What a call did that the machine `negotiation` has no transition for; `undefined` when there is nothing. Where guards decide, every
 * state is followed that they may have led to.
 */
export function strayFrom(log: readonly CallLogEntry[]): string | undefined {
  let states: readonly StateOf<'negotiation'>[] = [machines.negotiation.initial]
  for (const entry of log) {
    const event = eventOf(entry)
    if (event === undefined) continue
    const next = states.flatMap((state) =>
      transitionsOf('negotiation', state, event).map(({ target }) => target),
    )
    // Nothing is asked of who has ended, or of whoever hangs up before anything was said.
    const isOver = states.some((state) => eventsIn('negotiation', state).length === 0)
    if (next.length === 0 && !isOver && event !== 'hangup-sent')
      return `${event} in state ${states.join(' or ')}, after ${log.map(({ step }) => step).join(', ')}`
    if (next.length > 0) states = [...new Set(next)]
  }
  return undefined
}
