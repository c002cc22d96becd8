import type { Hello } from '@parley/schemas'
import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, expecting, presupposing } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { atOnce } from '../scene/at-once.ts'
import { announcedLimit, leaveRoom, seesLeave } from '../scene/membership.ts'
import { takenBack } from '../scene/departure.ts'
import { hangupTo } from '../scene/negotiation-message.ts'
import { expectAccepted, expectRefusal } from '../scene/refusal.ts'
import { tokenIfNeeded } from '../scene/token.ts'
import { unspokenVersion } from '../scene/version.ts'

/** A client that takes over from another one. */
function heirOf(
  t: CheckContext,
  old: Endpoint,
  more: { anonymous?: boolean; user?: number } = {},
): Promise<Endpoint> {
  return t.client({ ...more, hello: { replaces: old.session } })
}

/** The end that a replaced connection comes to. */
async function expectReplaced(old: Endpoint, what: string): Promise<void> {
  const expected = `the fatal error replaced for ${what}`
  const error = await old.expect('error', ({ ref }) => ref === undefined, expected)
  if (error.code !== 'replaced') throw new CheckFailure(expected, `the error was ${error.code}`)
  if (!error.fatal) throw new CheckFailure(expected, 'it came with fatal false')
  await old.expectEnd(`the end of ${what}`)
}

/** A hello that must leave a connection alone. */
async function sparesOthers(
  t: CheckContext,
  spared: Endpoint,
  replaces: string,
  what: string,
): Promise<void> {
  const c = await t.open()
  await expectAccepted(
    c.post({ type: 'hello', versions: [1], replaces }),
    'welcome',
    `a hello whose replaces is ${what}`,
  )
  const [error] = spared.all('error')
  if (error)
    throw new CheckFailure(`a replaces that is ${what} to be ignored`, `another connection got ${error.code}`)
}

async function memberOfSeveral(t: CheckContext): Promise<{ rooms: string[]; a: Endpoint; b: Endpoint }> {
  const { room, a, b } = await t.pair()
  const rooms = [room]
  while (rooms.length < Math.min(4, announcedLimit(t, 'roomsPerPeer') ?? 4)) {
    const another = t.room()
    await t.join(another, b, a)
    rooms.push(another)
  }
  return { rooms, a, b }
}

/** The heir joins each room as soon as it may: the old peer is not there, and the others have heard so before. */
async function outBeforeWelcome(t: CheckContext): Promise<void> {
  const { rooms, a, b } = await memberOfSeveral(t)
  const token = await tokenIfNeeded(t)
  const heir = await t.open()
  const hello = heir.post({ type: 'hello', versions: [1], replaces: a.session })
  if (t.target.needsAuth) heir.send({ type: 'auth', method: 'token', token })
  const joins = rooms.map((room) => ({ room, pending: heir.post({ type: 'join', room }) }))
  await expectAccepted(hello, 'welcome', 'a hello that replaces a connection')
  for (const { room, pending } of joins) {
    const { message } = await expectAccepted(
      pending,
      'joined',
      'a join right after a hello that replaces a connection',
    )
    const members = message['members'] as readonly { readonly peer?: unknown }[]
    if (members.some(({ peer }) => peer === a.peer)) {
      throw new CheckFailure(
        'the replaced peer to be out of its rooms before welcome',
        'a join after it still finds it in members',
      )
    }
    const joined = await b.waitFor(
      ({ message: m }) =>
        m['type'] === 'peer-joined' &&
        m['room'] === room &&
        (m['member'] as { peer: string }).peer === heir.peer,
      'peer-joined about the replacing peer',
    )
    await seesLeave(b, room, a)
    const left = b.log.find(
      ({ message: m }) => m['type'] === 'peer-left' && m['room'] === room && m['peer'] === a.peer,
    )
    if (left && left.index < joined.index) continue
    throw new CheckFailure(
      'peer-left about the replaced peer before welcome',
      'it came after the replacing peer had joined',
    )
  }
}

/** The heir says nothing but hello: what another member is told after it has been welcomed comes behind `peer-left`. */
async function othersHeardBeforeWelcome(t: CheckContext): Promise<void> {
  const { rooms, a, b } = await memberOfSeveral(t)
  const heir = await t.open()
  const hello = heir.post({ type: 'hello', versions: [1], replaces: a.session })
  await expectAccepted(hello, 'welcome', 'a hello that replaces a connection')
  // Sent after welcome has come, so that its answer may not overtake what has to be sent before welcome.
  const pong = await b.request({ type: 'ping' })
  for (const room of rooms) {
    await seesLeave(b, room, a)
    const left = b.log.find(
      ({ message }) =>
        message['type'] === 'peer-left' && message['room'] === room && message['peer'] === a.peer,
    )
    if (left && left.index < pong.index) continue
    throw new CheckFailure(
      'peer-left about the replaced peer before welcome',
      'it came after the pong for a ping that was sent when welcome had come',
    )
  }
}

/** The replaced connection asks when its heir has been welcomed: it has been told before, and gets no answer. */
async function toldBeforeWelcome(t: CheckContext): Promise<void> {
  const a = await t.client({ anonymous: true })
  const heir = await t.open()
  const hello = heir.post({ type: 'hello', versions: [1], replaces: a.session })
  await expectAccepted(hello, 'welcome', 'a hello that replaces a connection')
  const { id } = a.post({ type: 'ping' })
  await presupposing('replaces.old-ends', expectReplaced(a, 'a connection whose secret a hello names'))
  const pong = a.log.find(({ message }) => message['ref'] === id)
  if (!pong) return
  throw new CheckFailure(
    'the error replaced at the replaced connection before welcome',
    'a ping that it sent when welcome had come was answered',
  ).shownBy(pong.text)
}

async function startsAnew(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const told = a.post({ type: 'update', room, data: 1 })
  await presupposing('rooms.update', expectAccepted(told, 'ok', 'the update of a member'))
  const heir = await heirOf(t, a)
  if (heir.peer === a.peer)
    throw new CheckFailure('a peer id of its own for the replacing connection', 'it has the old one')
  if (heir.session === a.session)
    throw new CheckFailure('a session secret of its own for the replacing connection', 'it has the old one')
  await seesLeave(b, room, a)
  const what = 'who replaces a member and has not joined itself'
  const place = { room, to: b.peer, call: t.callId() }
  await expectRefusal(heir, heir.post(hangupTo(place)).id, ['not-in-room'], `a hangup of one ${what}`)
  await expectRefusal(
    heir,
    heir.post({ type: 'update', room, data: 1 }).id,
    ['not-in-room'],
    `an update of one ${what}`,
  )
  const back = b.post(hangupTo({ ...place, to: heir.peer }))
  await expectRefusal(b, back.id, ['peer-not-found'], `a hangup to one ${what}`)
  // The control: who joins is a member.
  await t.join(room, b, heir)
  await t.barrier(heir, b, room)
  const joined = b.all('peer-joined', ({ member }) => member.peer === heir.peer)
  if (joined.length !== 1) {
    throw new CheckFailure(
      'one peer-joined about the replacing peer, for its own join',
      'it came more than once',
    )
  }
  if (joined[0]?.member.data !== undefined)
    throw new CheckFailure(
      'no data of a member whose join has none, and which has replaced one with data',
      `its data is ${JSON.stringify(joined[0].member.data)}`,
    )
  const old = b.post(hangupTo({ ...place, to: a.peer }))
  await expectRefusal(b, old.id, ['peer-not-found'], 'a hangup to the replaced peer, whose heir is a member')
}

async function endsInTurn(t: CheckContext): Promise<void> {
  const a = await t.client({ anonymous: true })
  const b = await heirOf(t, a, { anonymous: true })
  await expectReplaced(a, 'a connection whose secret a hello names')
  const c = await heirOf(t, b, { anonymous: true })
  await expectReplaced(b, 'a connection that had replaced another one')
  await c.sync()
}

/** What the replaced connection goes on sending, as it has not heard of it yet, makes no member of a peer that is gone. */
async function actsNoMore(t: CheckContext): Promise<void> {
  const room = t.room()
  const [old, witness] = (await t.clients(2)) as [Endpoint, Endpoint]
  await t.join(room, witness)
  old.link.pause()
  const heir = await heirOf(t, old)
  old.send({ type: 'join', room })
  await heir.sync()
  old.link.resume()
  await expectReplaced(old, 'a connection whose secret a hello names')
  await takenBack(t, { room, witness, gone: old }, 'a connection that was replaced before it joined')
}

async function refusedHelloSpares(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const c = await t.open()
  const { type } = await c.request({ type: 'hello', versions: [unspokenVersion], replaces: a.session })
  if (type !== 'error') t.notObserved('The server accepted a hello without a version in common')
  await expecting(
    'the connection to go on that is named by the replaces of a hello which is refused',
    t.barrier(a, b, room),
  )
  // The control: a hello that is accepted does end it.
  await heirOf(t, a)
  await expectReplaced(a, 'a connection whose secret an accepted hello names')
}

/** A hello that was refused before is nothing to the one that is accepted on the same connection. */
async function endsAfterRefusedHello(t: CheckContext): Promise<void> {
  const a = await t.client({ anonymous: true })
  const heir = await t.open()
  const { type, message } = await heir.outcome(
    heir.sendBroken({ type: 'hello', versions: [], replaces: a.session }),
  )
  if (type !== 'error' || message['fatal'] === true)
    t.notObserved('The server does not go on with a connection on which it refuses a hello')
  await expecting('the connection to go on that a malformed hello names in replaces', a.sync())
  const hello = heir.post({ type: 'hello', versions: [1], replaces: a.session })
  await presupposing('frames.goes-on', expectAccepted(hello, 'welcome', 'a hello after a malformed one'))
  await expectReplaced(
    a,
    'a connection whose secret a hello names, on a connection where one was refused before',
  )
}

/** Longest `replaces` that the schema of `hello` permits. */
const longestReplaces = 64

/** What looks like a secret, and is none of a live connection's. */
function strangers(t: CheckContext, live: Endpoint): [string, string][] {
  const { session, peer } = live
  const swapped = Array.from(session)
    .map((letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()))
    .join('')
  const tries: [string, string][] = [
    [`none_${t.random.hex(27)}`, 'an unknown secret'],
    [peer, 'the peer id of a live connection'],
    [session.slice(0, -1), 'all but the last character of a secret'],
    [session.slice(1), 'all but the first character of a secret'],
    [`${session}A`.slice(0, 64), 'a secret with a character more'],
    [swapped, 'a secret in the other case'],
    [session.toLowerCase(), 'a secret in lower case'],
    [`${session} `, 'a secret with a space behind it'],
    [` ${session}`, 'a secret with a space before it'],
    [`"${session}"`, 'a secret in quotation marks'],
    [' ', 'a space'],
    ['"\\ no secret %00 */', 'a text that is no secret'],
    ['constructor', 'a name that programming languages keep for themselves'],
  ]
  return tries.filter(([text]) => text !== session && text !== '' && text.length <= longestReplaces)
}

async function ignoresStrangers(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const texts = strangers(t, a)
  await atOnce(texts, texts.length, ([text, what]) => sparesOthers(t, a, text, what))
  await t.barrier(a, b, room)
  const [left] = b.all('peer-left')
  if (left)
    throw new CheckFailure(
      'a replaces that is no secret to be ignored',
      `peer-left came with reason ${left.reason}`,
    )
  // The control: the secret itself works.
  await heirOf(t, a)
  await expectReplaced(a, 'a connection whose secret a hello names')
}

async function ignoresEnded(
  t: CheckContext,
  end: (t: CheckContext, old: Endpoint) => Promise<void>,
  what: string,
): Promise<void> {
  const { room, a: old, b } = await t.pair()
  // Opened meanwhile: a server waits for the authentication of a client for a while only.
  const [again] = await Promise.all([t.open(), end(t, old)])
  const bystanders = t.endpoints.filter((endpoint) => endpoint !== old && endpoint !== again)
  const hello: Hello = { type: 'hello', versions: [1], replaces: old.session }
  await expectAccepted(again.post(hello), 'welcome', `a hello whose replaces is the secret of ${what}`)
  const ignored = `the secret of ${what} in replaces to be ignored`
  await expecting(ignored, again.sync())
  for (const each of bystanders) {
    const [error] = each.all('error')
    if (error)
      throw new CheckFailure(ignored, `${each.name}, a later connection, got the error ${error.code}`)
    await expecting(ignored, each.sync())
  }
  await seesLeave(b, room, old)
  const told = b.all('peer-left', ({ peer }) => peer === old.peer)
  if (told.length > 1) {
    const reasons = told.map(({ reason }) => reason).join(', then ')
    throw new CheckFailure(ignored, `${b.name} was told peer-left ${String(told.length)} times: ${reasons}`)
  }
}

/** Checks of spec/connection.md, section Taking over. */
export const replacesChecks: readonly Check[] = [
  check('replaces.old-ends', 'the replaced connection ends with replaced', endsInTurn),
  check(
    'replaces.old-ends',
    'a member of a room is replaced',
    async (t) => {
      const { a, b } = await t.pair()
      await heirOf(t, a)
      await expectReplaced(a, 'a member of a room')
      await b.sync()
    },
    { name: 'member' },
  ),
  check(
    'replaces.old-ends',
    'a peer that has left its room is replaced',
    async (t) => {
      const { room, a } = await t.pair()
      await leaveRoom(a, room)
      await heirOf(t, a)
      await expectReplaced(a, 'a peer that has left its room')
    },
    { name: 'after-leave' },
  ),
  check('replaces.old-ends', 'what the replaced connection still sends', actsNoMore, {
    name: 'acts-no-more',
  }),
  check('replaces.old-ends', 'a hello that is refused ends nothing', refusedHelloSpares, {
    name: 'refused-hello',
  }),
  check('replaces.old-ends', 'a hello after one that was refused', endsAfterRefusedHello, {
    name: 'after-refused',
    hostile: true,
  }),
  check(
    'replaces.old-ends',
    'somebody who is not authenticated takes over',
    async (t) => {
      if (!t.target.needsAuth) t.notApplicable('Nobody authenticates here')
      const { a } = await t.pair()
      await heirOf(t, a, { anonymous: true })
      await expectReplaced(a, 'an authenticated connection')
    },
    { name: 'anonymous' },
  ),

  check('replaces.peer-left', 'the rooms of the replaced peer are told', async (t) => {
    const { rooms, a, b } = await memberOfSeveral(t)
    await heirOf(t, a, { anonymous: true })
    for (const room of rooms) {
      const { reason } = await seesLeave(b, room, a)
      if (reason !== 'replaced')
        throw new CheckFailure('peer-left with reason replaced', `its reason is ${reason}`)
    }
  }),
  check('replaces.before-welcome', 'the replaced peer is gone when its heir is welcomed', outBeforeWelcome),
  check(
    'replaces.before-welcome',
    'the others have heard of it when the heir is welcomed',
    othersHeardBeforeWelcome,
    { name: 'heard' },
  ),
  check(
    'replaces.before-welcome',
    'the replaced connection has been told when its heir is welcomed',
    toldBeforeWelcome,
    { name: 'told' },
  ),
  check('replaces.new-identity', 'the heir begins anew', startsAnew),

  check('replaces.unknown', 'what is no secret of a live connection', ignoresStrangers),
  check(
    'replaces.unknown',
    'the secret of a connection that said bye',
    (t) =>
      ignoresEnded(
        t,
        async (_t, old) => {
          old.send({ type: 'bye' })
          await presupposing('connection.bye', old.expectEnd('the end after bye'))
        },
        'a connection that said bye',
      ),
    { name: 'after-bye' },
  ),
  check(
    'replaces.unknown',
    'the secret of a connection that was closed',
    (t) =>
      ignoresEnded(
        t,
        async (_t, old) => {
          const witness = t.endpoints.find((endpoint) => endpoint !== old)
          old.close()
          await old.expectEnd('the end of a connection that its client closes')
          if (witness) await witness.expect('peer-left', ({ peer }) => peer === old.peer, 'peer-left')
        },
        'a connection that was closed',
      ),
    { name: 'after-closed' },
  ),
  check(
    'replaces.unknown',
    'the secret of a connection that has been replaced',
    (t) =>
      ignoresEnded(
        t,
        async (_t, old) => {
          await heirOf(t, old, { anonymous: true })
          await expectReplaced(old, 'a connection whose secret a hello names')
        },
        'a connection that has been replaced',
      ),
    { name: 'after-replaced' },
  ),
]
