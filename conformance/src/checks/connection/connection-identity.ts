import { createHash } from 'node:crypto'
import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, expecting, presupposing } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { clip } from '../../observer/frame-observer.ts'
import { hangupTo } from '../scene/negotiation-message.ts'
import { leaveRoom, seesLeave } from '../scene/membership.ts'
import { entropyBound, repeatedPlaces, sharedText } from './randomness.ts'

/** Form of peer ids and session secrets: connection.peer-id. */
const idForm = /^[A-Za-z0-9_-]{16,64}$/

/** Connections whose ids are looked at together. */
const sampleSize = 32

/** Bits that an id has to carry. */
const neededBits = 120

/** Clients some of which come after others have gone, and one of which takes over from another. */
async function cohort(t: CheckContext): Promise<Endpoint[]> {
  const early = await t.clients(4, { anonymous: true })
  const [a, b] = early as [Endpoint, Endpoint]
  a.close()
  await a.expectEnd('the end of a connection that its client closes')
  const later = await t.clients(2, { anonymous: true })
  const heir = await t.client({ anonymous: true, hello: { replaces: b.session } })
  return [...early, ...later, heir]
}

async function eachOfItsOwn(
  t: CheckContext,
  what: string,
  idOf: (client: Endpoint) => string,
): Promise<void> {
  const seen = new Map<string, Endpoint>()
  for (const client of await cohort(t)) {
    const id = idOf(client)
    const earlier = seen.get(id)
    if (earlier)
      throw new CheckFailure(
        `a ${what} of its own for each connection`,
        `${client.name} got that of ${earlier.name}`,
      )
    if (!idForm.test(id)) {
      throw new CheckFailure(
        `a ${what} of 16 to 64 characters of A–Z, a–z, 0–9, _ and -`,
        `it is ${clip(JSON.stringify(id))}`,
      )
    }
    seen.set(id, client)
  }
}

/** Ids of many connections, from `welcome` alone: nobody needs to authenticate for them. */
async function sample(t: CheckContext): Promise<Endpoint[]> {
  const clients: Endpoint[] = []
  while (clients.length < sampleSize) clients.push(...(await t.clients(8, { anonymous: true })))
  return clients
}

/** Fails where the ids provably carry fewer bits than they have to. */
function expectRandom(ids: readonly string[], what: string): void {
  const bits = entropyBound(ids)
  if (bits >= neededBits - 1e-6) return
  const count = String(ids.length)
  const repeated = repeatedPlaces(ids)
  throw new CheckFailure(
    `${what} of at least ${String(neededBits)} random bits`,
    `${count} of them leave room for ${bits.toFixed(0)} bits at most, counting what differs at each of their ` +
      `${String(Math.max(...ids.map(({ length }) => length)))} characters` +
      (repeated > 0 ? `, of which ${String(repeated)} repeat another one in every id` : ''),
  )
}

/** What anybody can make of a peer id, by what it is. */
function derivedFrom(peer: string): ReadonlyMap<string, string> {
  const derived = new Map([
    ['the peer id', peer],
    ['the peer id read backwards', Array.from(peer).reverse().join('')],
  ])
  for (const encoding of ['hex', 'base64url'] as const) {
    derived.set(`the peer id in ${encoding}`, Buffer.from(peer).toString(encoding))
    for (const digest of ['md5', 'sha1', 'sha256', 'sha512'] as const)
      derived.set(
        `the ${digest} of the peer id in ${encoding}`,
        createHash(digest).update(peer).digest(encoding),
      )
  }
  return derived
}

/** A secret that can be made of the public peer id is none, in whatever case: at least 20 of its characters have to be its own. */
async function drawnApart(t: CheckContext): Promise<void> {
  const clients = await t.clients(6, { anonymous: true })
  const secretOf = ({ session }: Endpoint) => session.toLowerCase()
  for (const client of clients) {
    const session = secretOf(client)
    for (const [what, known] of derivedFrom(client.peer)) {
      const shared = sharedText(known.toLowerCase(), session)
      const constant = clients.some((other) => other !== client && secretOf(other).includes(shared))
      if (shared.length < 12 || constant || session.length - shared.length >= 20) continue
      throw new CheckFailure(
        'a session secret drawn apart from the peer id, which is public',
        `${String(shared.length)} of its ${String(session.length)} characters are those of ${what}, upper and lower case aside`,
      )
    }
  }
}

/** Everything that a room hears of a member, to the end of its connection, without its secret. */
async function keptFromOthers(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  a.send({ type: 'update', room, data: 1 })
  a.send({ type: 'join', room, data: 2 })
  a.send(hangupTo({ room, to: b.peer, call: t.callId() }))
  await t.barrier(a, b, room)
  await leaveRoom(a, room)
  await presupposing('rooms.leave', seesLeave(b, room, a))
  await t.join(room, a)
  await t.join(room, b)
  const since = b.log.length
  const heir = await t.client({ hello: { replaces: a.session } })
  await presupposing('replaces.old-ends', a.expectEnd('the end of the replaced connection'))
  await presupposing('replaces.peer-left', seesLeave(b, room, a, since))
  await t.join(room, heir)
  await presupposing(
    'replaces.new-identity',
    expecting('who replaces a member to be heard once it has joined', t.barrier(heir, b, room)),
  )
  for (const owner of [a, heir]) {
    const leak = b.log.find(({ text }) => owner.session.length >= 16 && text.includes(owner.session))
    if (!leak) continue
    throw new CheckFailure(
      'a session secret to be sent to its own client alone',
      `the ${String(leak.message['type'])} that ${b.name} got holds that of ${owner.name}`,
    )
  }
}

/** Checks of spec/connection.md, section Identity. */
export const identityChecks: readonly Check[] = [
  check('connection.peer-id', 'each connection has a peer id of its own', (t) =>
    eachOfItsOwn(t, 'peer id', ({ peer }) => peer),
  ),
  check('connection.session-secret', 'each connection has a session secret of its own', async (t) => {
    await eachOfItsOwn(t, 'session secret', ({ session }) => session)
    const same = t.endpoints.find(({ peer, session }) => peer === session)
    if (same) throw new CheckFailure('a session secret that differs from the peer id', 'both are the same')
  }),
  check('connection.random-ids', 'peer ids and session secrets of many connections', async (t) => {
    const clients = await sample(t)
    expectRandom(
      clients.map(({ peer }) => peer),
      'peer ids',
    )
    expectRandom(
      clients.map(({ session }) => session),
      'session secrets',
    )
  }),
  check('connection.random-ids', 'the secret does not follow from the peer id', drawnApart, {
    name: 'apart',
  }),
  check('connection.secret-kept', 'what others hear of a client, to its replacement', keptFromOthers, {
    name: 'presence',
  }),
]
