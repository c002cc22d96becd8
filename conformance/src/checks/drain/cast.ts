import type { CheckContext } from '../../engine/context.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { ServersWatch } from './renewing.ts'

/** A connection on which `drain` is in force. */
export interface Told {
  /** Whose it is, in words. */
  readonly who: string
  readonly endpoint: Endpoint
}

/** A client with a session. */
export interface Keeping {
  readonly endpoint: Endpoint
  /** Has a connection, and has not said `hello`: on it the session, a member of a room of its own, is to go on. */
  readonly comesBack: Endpoint
}

/** The clients for which `drain` is in force while a server drains. */
export interface ToldCast {
  readonly room: string
  /** Stays in the room to the end. */
  readonly member: Endpoint
  /** What it is given, where the server has ICE servers to give; it has asked for them. */
  readonly servers: ServersWatch | undefined
  /** In the room too. */
  readonly other: Endpoint
  /** In no room; it has been in one before. */
  readonly outsider: Endpoint
  /** The room that it was in. */
  readonly elsewhere: string
  /** Authenticated as nobody else, in the room where it has place: its connection is to be cut. */
  readonly loses: Endpoint | undefined
  /** Has a session, where the server offers that: it is to be lost and resumed. */
  readonly keeps: Keeping | undefined
  /** All of them, and one who has not authenticated where that is asked for. */
  readonly all: readonly Told[]
  /** Has a connection, and has not said `hello`. */
  readonly late: Endpoint
}

/** Clients that have asked for nothing: two members of a room of their own. */
export interface BareCast {
  readonly room: string
  readonly stays: Endpoint
  readonly goes: Endpoint
  /** Has a connection, and has not said `hello`. */
  readonly late: Endpoint
}

/** Whom a server that drains has to do with; `told` only where it offers `drain`. */
export interface Cast {
  readonly told: ToldCast | undefined
  readonly bare: BareCast
}

/** Lets everybody come in, before the server begins to drain. */
export async function gather(t: CheckContext): Promise<Cast> {
  const offers = t.target.offered.names.has('drain')
  const [told, bare] = await Promise.all([offers ? gatherTold(t) : undefined, gatherBare(t)])
  return { told, bare }
}

async function gatherBare(t: CheckContext): Promise<BareCast> {
  const [stays, goes, late] = await Promise.all([
    t.client({ capabilities: [] }),
    t.client({ capabilities: [] }),
    t.open(),
  ])
  const room = t.room()
  await t.join(room, stays, goes)
  return { room, stays, goes, late }
}

async function gatherTold(t: CheckContext): Promise<ToldCast> {
  const come = { capabilities: ['drain'] } as const
  // Of everything that may be under way.
  const more = (['calls', 'custom', 'discovery', 'ice-servers'] as const).filter((name) =>
    t.target.offered.names.has(name),
  )
  const busy = { capabilities: ['drain', ...more] } as const
  // What says goaway is about a connection, also where a session has numbers.
  const session = t.target.offered.names.has('resume') ? (['resume'] as const) : []
  const { membersPerRoom = Infinity } = t.target.welcome.limits
  const [member, other, outsider, late, loses] = await Promise.all([
    t.client(busy),
    t.client(busy),
    t.client({ capabilities: ['drain', ...session] }),
    t.open(),
    membersPerRoom > 2 ? t.client(come) : undefined,
  ])
  const keeps =
    session.length > 0
      ? { endpoint: await t.client({ capabilities: ['drain', ...session] }), comesBack: await t.open() }
      : undefined
  const stranger = t.target.needsAuth ? await t.client({ ...come, anonymous: true }) : undefined
  const room = t.room()
  await t.join(room, member, other, ...(loses ? [loses] : []))
  if (keeps) await t.join(t.room(), keeps.endpoint)
  // The control: what is refused later would be accepted now.
  const elsewhere = t.room()
  await t.join(elsewhere, outsider)
  await outsider.request({ type: 'leave', room: elsewhere })
  const servers = t.target.offered.names.has('ice-servers') ? new ServersWatch(member) : undefined
  await servers?.ask()
  const all = [
    { who: 'a member of a room', endpoint: member },
    { who: 'another member of the room', endpoint: other },
    { who: 'a client in no room', endpoint: outsider },
    ...(keeps ? [{ who: 'a client with a session', endpoint: keeps.endpoint }] : []),
    ...(stranger ? [{ who: 'a client that has not authenticated', endpoint: stranger }] : []),
  ]
  return { room, member, servers, other, outsider, elsewhere, late, loses, keeps, all }
}
