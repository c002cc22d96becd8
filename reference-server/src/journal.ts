import {
  custom,
  isCustom,
  type CallRelay,
  type ClientMessage,
  type Custom,
  type KnownErrorCode,
  type LeaveReason,
  type PeerId,
} from '@parley/schemas'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { Subject } from './reply.ts'

/** Told of everything that an operator may want to know; the protocol does not depend on it. */
export interface Journal {
  /** A conversation has begun. */
  opened(peer: PeerId): void
  /** A well-formed message has come; what is refused later has come, too. */
  received(peer: PeerId, message: ClientMessage | CallRelay | Custom, frame: Buffer): void
  /** A message was refused, and the connection goes on. */
  refused(peer: PeerId, code: KnownErrorCode, subject: Subject | undefined): void
  /** The server ends a connection with a fatal error. */
  failed(peer: PeerId, code: KnownErrorCode, subject: Subject | undefined): void
  /** A conversation is over. */
  ended(peer: PeerId, reason: LeaveReason): void
  /** The binding has met something that it cannot read. */
  unreadable(peer: PeerId, reason: string): void
  /**
   * The server itself has failed.
   *
   * @param peer - On whose connection, if on one.
   */
  broke(peer: PeerId | undefined, cause: unknown, text: string): void
}

/** How much of a message is written: which it is, or all of it. */
export type LogDetail = 'fields' | 'messages'

/** What goes into a line of the log, and how much. */
export interface JournalOptions {
  readonly log: Log
  /** Whether single messages are written: costs a line each. */
  readonly tracing: boolean
  readonly detail: LogDetail
  readonly metrics: Metrics | undefined
}

/**
 * Writes to the log, and counts.
 *
 * A line names peers, rooms, calls and codes, so that one call can be followed through it. Descriptions, candidates and `data` are written
 * only where `detail` is `messages`; tokens and session secrets never (auth.not-logged).
 */
export function createJournal({ log, tracing, detail, metrics }: JournalOptions): Journal {
  return {
    opened: (peer) => {
      metrics?.opened()
      log.debug({ peer }, 'connection opened')
    },
    received: (peer, message, frame) => {
      // Types of applications are without number: they count together.
      metrics?.received(isCustom(message) ? custom.type : message.type, frame.length)
      if (!tracing) return
      const { type } = message
      const isSecret = type === 'hello' || type === 'auth'
      const text = detail === 'messages' && !isSecret ? { text: frame.toString() } : {}
      log.debug({ peer, type, ...placeOf(message), ...text }, 'message')
    },
    refused: (peer, code, subject) => {
      metrics?.failed(code, false)
      if (tracing) log.debug({ peer, code, ...contextOf(subject) }, 'message refused')
    },
    failed: (peer, code, subject) => {
      metrics?.failed(code, true)
      log.info({ peer, code, ...contextOf(subject) }, 'connection ended with an error')
    },
    ended: (peer, reason) => {
      metrics?.ended(reason)
      log.debug({ peer, reason }, 'connection ended')
    },
    unreadable: (peer, reason) => {
      log.debug({ peer, reason }, 'WebSocket error')
    },
    broke: (peer, cause, text) => {
      log.error({ err: cause, ...(peer === undefined ? {} : { peer }) }, text)
    },
  }
}

/** Members by which a call is followed. */
const placeMembers = ['id', 'room', 'to', 'call', 'negotiation'] as const

/** Longest value that a line repeats of a message that may be anything, in UTF-16 code units. */
const longestValue = 128

function placeOf(message: ClientMessage | CallRelay | Custom | Subject): Record<string, unknown> {
  const members = message as Subject
  return Object.fromEntries(
    placeMembers.flatMap((name) => {
      const value = members[name]
      const isShort = typeof value === 'string' ? value.length <= longestValue : typeof value === 'number'
      return isShort ? [[name, value]] : []
    }),
  )
}

/** Of a message that was refused, and may be anything; of `auth` nothing but its name: what else it holds may be the token. */
function contextOf(subject: Subject = {}): Record<string, unknown> {
  const { type } = subject
  if (typeof type !== 'string' || type.length > longestValue) return {}
  return type === 'auth' || type === 'hello' ? { of: type } : { of: type, ...placeOf(subject) }
}

const nothing = () => undefined

/** A journal that keeps nothing. */
export const silentJournal: Journal = {
  opened: nothing,
  received: nothing,
  refused: nothing,
  failed: nothing,
  ended: nothing,
  unreadable: nothing,
  broke: nothing,
}
