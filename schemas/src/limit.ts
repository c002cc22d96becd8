import { Type, type Static } from '@sinclair/typebox'
import type { KnownErrorCode } from './error-code.ts'

/** What is known of a limit without seeing a server. */
export interface LimitDefinition {
  /** What is limited, in one sentence. */
  readonly summary: string
  /** Unit of the value. */
  readonly unit: string
  /** Lowest value that a server may announce; of `rate` the lowest `burst`. */
  readonly minimum: number
  /** Whether every server announces it. */
  readonly required: boolean
  /** Error code that enforces it. */
  readonly error: KnownErrorCode
}

/** Every limit of the protocol: the one table of them. A server may announce others beside these. */
export const limits = {
  messageBytes: {
    summary: 'Size of the longest message that the server accepts.',
    unit: 'UTF-8 bytes as sent',
    minimum: 65_536,
    required: true,
    error: 'too-large',
  },
  idleSeconds: {
    summary: 'Time without any frame after which the server ends the connection.',
    unit: 'seconds',
    minimum: 60,
    required: true,
    error: 'idle-timeout',
  },
  membersPerRoom: {
    summary: 'Members that a room has place for.',
    unit: 'peers',
    minimum: 2,
    required: false,
    error: 'room-full',
  },
  roomsPerPeer: {
    summary: 'Rooms that one peer may be a member of at a time.',
    unit: 'rooms',
    minimum: 1,
    required: false,
    error: 'forbidden',
  },
  dataBytes: {
    summary: 'Size of the largest data of a join, an update or an invite.',
    unit: 'UTF-8 bytes of the value as RFC 8785 writes it',
    minimum: 1,
    required: false,
    error: 'too-large',
  },
  rate: {
    summary: 'Messages that the server takes from one connection: a lasting rate, and a burst above it.',
    unit: 'messages per second, messages',
    minimum: 100,
    required: false,
    error: 'rate-limited',
  },
} as const satisfies Readonly<Record<string, LimitDefinition>>

/** Name of a limit of {@link limits}. */
export type LimitName = keyof typeof limits

function count(name: Exclude<LimitName, 'rate'>) {
  const { summary, unit, minimum } = limits[name]
  return Type.Integer({ description: `${summary} An integer of at least ${minimum}, in ${unit}.`, minimum })
}

/** The limits that a server announces in `welcome`: each is honoured up to its value and enforced with its error. */
export const Limits = Type.Object(
  {
    messageBytes: count('messageBytes'),
    idleSeconds: count('idleSeconds'),
    membersPerRoom: Type.Optional(count('membersPerRoom')),
    roomsPerPeer: Type.Optional(count('roomsPerPeer')),
    dataBytes: Type.Optional(count('dataBytes')),
    rate: Type.Optional(
      Type.Object(
        {
          perSecond: Type.Number({
            description: 'Messages per second that may be kept up; above 0.',
            exclusiveMinimum: 0,
          }),
          burst: Type.Integer({
            description: `Messages that may come at once; an integer of at least ${limits.rate.minimum}.`,
            minimum: limits.rate.minimum,
          }),
        },
        { description: limits.rate.summary },
      ),
    ),
  },
  {
    title: 'Limits',
    description:
      'Limits of the server: each announced limit is honoured up to its value and enforced with its error.',
  },
)
/** A value of the schema of this name. */
export type Limits = Static<typeof Limits>
