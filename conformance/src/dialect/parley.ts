import { checkServerMessage, isCustom, type RelayedMessageType, type ServerMessage } from '@parley/schemas'
import { requestInTime } from '../endpoint/retry.ts'
import { unexpected } from '../engine/context.ts'
import { isRelayed } from '../observer/relayed.ts'
import type { DeliveredCallMessage } from '../peer/call-message.ts'
import type { Dialect } from './dialect.ts'

/** Parley's own frames: every act is one message as it is. */
export const parleyDialect: Dialect = {
  name: 'parley',
  connect: (t, options) => t.client(options),
  enter: async (endpoint, room) => {
    const outcome = await requestInTime(endpoint, { type: 'join', room })
    if (outcome.type !== 'joined') throw unexpected(outcome, `joined for the join of room "${room}"`)
    const joined = await endpoint.expect('joined', (message) => message.room === room)
    return joined.members.map(({ peer }) => peer)
  },
  addressOf: (endpoint) => endpoint.peer,
  negotiate: (endpoint, message) => {
    endpoint.send(message)
  },
  read: (frame, room) => {
    const checked = checkServerMessage(frame)
    if (!checked.ok || isCustom(checked.message)) return undefined
    const { message } = checked
    if (!('room' in message) || message.room !== room) return undefined
    if (isCallMessage(message)) return { act: 'negotiate', message }
    if (message.type === 'peer-joined') return { act: 'appear', peer: message.member.peer }
    if (message.type === 'peer-left') return { act: 'leave', peer: message.peer, reason: message.reason }
    return undefined
  },
}

function isCallMessage(
  message: ServerMessage,
): message is DeliveredCallMessage & { type: RelayedMessageType } {
  return isRelayed(message.type)
}
