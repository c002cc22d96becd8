import type { Authenticated } from '@parley/schemas'
import { announcedRate, type LimitRate } from '../endpoint/announced-rate.ts'
import type { Patience } from '../endpoint/patience.ts'
import type { TokenIndex } from '../observer/token-index.ts'
import { permits } from '../target/grant.ts'
import type { Target } from '../target/target.ts'
import type { ConnectOptions } from '../transport/transport.ts'
import type { KnownLimits } from './world.ts'

/** What all episodes of a run have in common. */
export interface Setting {
  readonly target: Target
  readonly connect: ConnectOptions
  readonly patience: Patience
  readonly clients: number
  readonly limits: KnownLimits
  /** The announced rate, where it is kept to. */
  readonly rate: LimitRate | undefined
  readonly ignoresRate: boolean
  readonly tokens: TokenIndex
  readonly users: readonly (Authenticated | undefined)[]
}

/** The limits of a `welcome` that matter here. */
export function knownLimits({ welcome }: Target): KnownLimits {
  const { messageBytes, membersPerRoom, roomsPerPeer, dataBytes } = welcome.limits as Partial<
    Record<'messageBytes' | 'membersPerRoom' | 'roomsPerPeer' | 'dataBytes', unknown>
  >
  const known = (limit: unknown) => (typeof limit === 'number' ? limit : undefined)
  return {
    // Without one the smallest that the specification allows is sure to be accepted.
    messageBytes: known(messageBytes) ?? 65_536,
    membersPerRoom: known(membersPerRoom),
    roomsPerPeer: known(roomsPerPeer),
    dataBytes: known(dataBytes),
    hasRate: announcedRate(welcome.limits) !== undefined,
  }
}

/** Rooms of an episode. */
export const roomCount = 5

/**
 * Names of rooms that nobody else uses: two in which as many users as possible may join and send, one with the longest name, one with odd
 * characters, and one that grants may forbid.
 *
 * @param tag - Makes them this episode's own.
 */
export function roomNames({ users, target }: Setting, tag: string): readonly string[] {
  const grants = users.map((user) => user?.grants)
  const prefixes = ['fuzz-', ...grants.flatMap((all) => all?.map(({ prefix }) => prefix) ?? [])].filter(
    (prefix): prefix is string => typeof prefix === 'string' && prefix.length <= 64,
  )
  const places = (prefix: string) =>
    grants.filter((all) => permits(all, 'join', prefix + tag) && permits(all, 'send', prefix + tag)).length
  const best = target.needsAuth ? (prefixes.toSorted((a, b) => places(b) - places(a))[0] ?? 'fuzz-') : 'fuzz-'
  const other = prefixes.find((prefix) => prefix !== best) ?? best
  return [
    `${best}${tag}-a`,
    `${best}${tag}-b`,
    `${best}${tag}`.padEnd(128, '~'),
    `${best}${tag} "\\/{}<'&%`,
    `${other}${tag}-e`,
  ]
}
