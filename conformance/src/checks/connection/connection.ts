import { isDeepStrictEqual } from 'node:util'
import type { Hello, KnownErrorCode } from '@parley/schemas'
import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { answering, CheckFailure, expecting } from '../../engine/failure.ts'
import type { Endpoint, Sendable } from '../../endpoint/endpoint.ts'
import { stringOf } from '../../endpoint/wire.ts'
import { clip } from '../../observer/frame-observer.ts'
import { missingFrom } from '../scene/json-value.ts'
import { enter, expectData, fits, unlessJoinsLimited } from '../scene/membership.ts'
import { candidateTo, hangupTo, offerTo } from '../scene/negotiation-message.ts'
import { expectAccepted, expectRefusal } from '../scene/refusal.ts'
import { invalidToken, tokenIfNeeded } from '../scene/token.ts'

/** Sends something instead of `hello`: the very first answer has to be the right error. */
async function refusesBeforeHello(
  t: CheckContext,
  begin: (a: Endpoint) => void,
  codes: readonly KnownErrorCode[],
  what: string,
): Promise<Endpoint> {
  const a = await t.open()
  // The control: whoever begins with hello is let in. Meanwhile, as a server waits for the hello of `a` for a while only.
  const control = async () => (await t.client({ anonymous: true })).sync()
  await Promise.all([expectFirst(a, begin, codes, what), control()])
  return a
}

async function expectFirst(
  a: Endpoint,
  begin: (a: Endpoint) => void,
  codes: readonly KnownErrorCode[],
  what: string,
): Promise<void> {
  begin(a)
  const { message, text: answer } = await a.waitFor(() => true, `${codes.join(' or ')} for ${what}`)
  const code = message['type'] === 'error' ? stringOf(message, 'code') : undefined
  if (code === undefined || !(codes as readonly string[]).includes(code)) {
    throw new CheckFailure(`${codes.join(' or ')} for ${what}`, `the answer was ${clip(answer)}`)
  }
}

function first(
  t: CheckContext,
  message: Sendable,
  what: string,
  more: readonly KnownErrorCode[] = [],
): Promise<Endpoint> {
  return refusesBeforeHello(t, (a) => a.post(message), ['hello-required', ...more], what)
}

/** A frame that is no hello and no message is refused; what the server makes of the connection is its own choice. */
async function garbageFirst(t: CheckContext): Promise<void> {
  const begin = (endpoint: Endpoint) => {
    endpoint.sendRaw('{"type":')
  }
  const a = await refusesBeforeHello(
    t,
    begin,
    ['hello-required', 'bad-message'],
    'a first frame that is not JSON',
  )
  const [error] = a.all('error')
  if (error?.code !== 'bad-message') return
  await expectAccepted(a.post({ type: 'hello', versions: [1] }), 'welcome', 'a hello after a refused frame')
}

async function welcomeComesFirst(t: CheckContext): Promise<void> {
  const token = t.target.needsAuth ? await t.token() : undefined
  const a = await t.open()
  const hello = a.post({ type: 'hello', versions: [1] })
  if (token !== undefined) a.post({ type: 'auth', method: 'token', token })
  a.post({ type: 'join', room: t.room() })
  a.post({ type: 'ping' })
  await expectAccepted(hello, 'welcome', 'hello')
  await a.sync()
  const begin = a.log.find(({ message }) => message['type'] !== 'error')
  if (begin?.message['type'] !== 'welcome') {
    throw new CheckFailure('welcome before any other message', `${clip(begin?.text ?? 'nothing')} came first`)
  }
}

async function welcomeAfterRefusal(t: CheckContext): Promise<void> {
  const a = await t.open()
  const id = a.sendBroken({ type: 'hello', versions: 'all of them' })
  const error = await expectRefusal(
    a,
    id,
    ['bad-message', 'hello-required'],
    'a hello whose versions is a string',
  )
  if (error.fatal) return
  await expectAccepted(a.post({ type: 'hello', versions: [1] }), 'welcome', 'a hello after a refused one')
  await a.sync()
}

async function secondHello(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const { peer } = a
  const bystander = await t.client({ anonymous: true })
  const again: Sendable = {
    type: 'hello',
    versions: [1],
    capabilities: { 'com.example.second': {} },
    replaces: bystander.session,
  }
  await expectRefusal(a, a.post(again).id, ['unexpected-message'], 'a hello after welcome')
  a.send(again)
  const what = 'unexpected-message for a hello without id after welcome'
  const error = await answering(a.expect('error', ({ ref }) => ref === undefined, what))
  if (error.code !== 'unexpected-message') throw new CheckFailure(what, `the error was ${error.code}`)
  const place = { room, to: b.peer, call: t.callId() }
  const offer = 'an offer of a member of the room, sent after a refused hello'
  await expectAccepted(a.post(offerTo(place)), 'ok', offer)
  const { from } = await b.expect('offer', ({ call }) => call === place.call, offer)
  if (from !== peer)
    throw new CheckFailure(`the connection to keep its peer id ${peer}`, `its offer came from ${clip(from)}`)
  if (a.all('welcome').length > 1)
    throw new CheckFailure('one welcome', 'another one came for a hello that is refused')
  await expecting('a refused hello to leave the connection alone that its replaces names', bystander.sync())
}

/** Every client of the kit sends `auth` right after `hello`: where that gets no answer, it is what these checks are about. */
async function inOneGo<T>(clients: Promise<T>): Promise<T> {
  try {
    return await clients
  } catch (error) {
    if (!(error instanceof CheckFailure) || error.presupposes !== 'auth.token') throw error
    throw error.inWords('the user to be authenticated by an auth that was sent right after hello')
  }
}

/** All that may be sent blindly, in one go: each message has its outcome, and takes effect. */
async function backToBack(
  t: CheckContext,
  replaced: Endpoint | undefined,
  room: string,
  b: Endpoint,
): Promise<void> {
  const replaces = replaced ? { replaces: replaced.session } : {}
  const token = await tokenIfNeeded(t)
  const a = await t.open()
  const expected: [string, string][] = []
  const post = (message: Sendable, type: string) => expected.push([a.post(message).id, type])
  post({ type: 'hello', versions: [1], ...replaces }, 'welcome')
  if (t.target.needsAuth) post({ type: 'auth', method: 'token', token }, 'authenticated')
  post({ type: 'join', room, data: 1 }, 'joined')
  const place = { room, to: b.peer, call: t.callId() }
  post(offerTo(place), 'ok')
  for (let index = 0; index < 8; index += 1) post(candidateTo(place, { sdpMLineIndex: index }), 'ok')
  post(hangupTo(place), 'ok')
  await a.outcome(expected.at(-1)?.[0] ?? '')
  unlessJoinsLimited(a)
  for (const [id, type] of expected) {
    const what = `a message sent without waiting for earlier answers (${a.name}, id ${id})`
    await expectAccepted({ outcome: (expected) => a.outcome(id, { what: expected }) }, type, what)
  }
  await b.expect(
    'peer-joined',
    ({ member }) => member.peer === a.peer,
    'peer-joined about a peer that did not wait',
  )
  await b.expect('hangup', ({ call }) => call === place.call, 'the last message of a peer that did not wait')
  const candidates = b
    .all('candidate', ({ call }) => call === place.call)
    .map(({ candidate }) => candidate.sdpMLineIndex)
    // Whether they come in order is for delivery.order to judge.
    .toSorted()
  if (candidates.join() !== '0,1,2,3,4,5,6,7') {
    throw new CheckFailure(
      'all 8 candidates of a peer that did not wait',
      candidates.length === 0 ? 'none came' : `those of index ${candidates.join()} came`,
    )
  }
}

async function membershipInOrder(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const [early, between, late] = [t.callId(), t.callId(), t.callId()] as const
  const hangup = (call: string): Sendable => hangupTo({ room, to: b.peer, call })
  const steps: [Sendable, string, string][] = [
    [hangup(early), 'ok', 'a hangup before leave'],
    [{ type: 'leave', room }, 'left', 'leave'],
    [hangup(between), 'error', 'a hangup between leave and join'],
    [{ type: 'update', room, data: 0 }, 'error', 'an update between leave and join'],
    [{ type: 'join', room, data: 1 }, 'joined', 'join'],
    [{ type: 'update', room, data: 2 }, 'ok', 'an update after join'],
    [hangup(late), 'ok', 'a hangup after join'],
  ]
  const pending = steps.map(([message, type, what]) => ({ pending: a.post(message), type, what }))
  await pending.at(-1)?.pending.outcome()
  unlessJoinsLimited(a)
  for (const step of pending) {
    await expectAccepted(step.pending, step.type, `${step.what}, sent in one go with what comes before`)
  }
  await b.expect('hangup', ({ call }) => call === late, 'the hangup sent after join')
  const [leaked] = b.all('hangup', ({ call }) => call === between)
  if (leaked)
    throw new CheckFailure('no delivery of a hangup sent between leave and join', 'it was delivered')
}

async function updatesInOrder(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const last = 9
  const filled = fits(t, ['x'.repeat(300), last])
  const posted = Array.from({ length: last }, (_, index) => {
    const step = index + 1
    // Every other one is longer, every fourth goes by a join of the room that it is in.
    const data = filled && step % 2 === 0 ? ['x'.repeat(300), step] : step
    return a.post({ type: step % 4 === 0 ? 'join' : 'update', room, data })
  })
  for (const change of posted) await change.outcome()
  unlessJoinsLimited(a)
  const stepOf = (data: unknown) => Number(Array.isArray(data) ? data[1] : data)
  await t.barrier(a, b, room)
  const seen = b
    .all('peer-updated', ({ member }) => member.peer === a.peer && 'data' in member)
    .map(({ member }) => stepOf(member.data))
  if (seen.some((step, place) => place > 0 && step < (seen[place - 1] ?? 0))) {
    throw new CheckFailure(
      'changes of data in the order in which they were sent',
      `the steps came as ${seen.join(', ')}`,
    )
  }
  const { members } = await enter(t, b, room)
  expectData(
    members.find(({ peer }) => peer === a.peer),
    last,
    'members after the last of several changes',
  )
}

async function pongs(a: Endpoint): Promise<void> {
  await expectAccepted(a.post({ type: 'ping' }), 'pong', 'ping')
  for (const turn of [1, 2, 3]) {
    a.send({ type: 'ping' })
    await a.waitFor(
      ({ message }) => message['type'] === 'pong' && message['ref'] === undefined,
      `a pong for each ping without id (${String(turn)} of 3)`,
      { nth: turn },
    )
  }
}

/** Ways in which clients name themselves; `undefined` for not at all. */
const agents: readonly Hello['agent'][] = [
  { name: 'parley-conformance', version: '1.0.0' },
  { name: '', version: '' },
  { name: 'Mozilla/5.0 (compatible; ExampleBot/0.1)', version: '0.0.0-alpha+1' },
  { name: 'é€😀 "\\ <script>', version: '☃' },
  { name: 'x'.repeat(5000), version: '9'.repeat(300) },
]

/** What a welcome offers, without what is different for each connection. */
async function offered(t: CheckContext, agent: Hello['agent']): Promise<Record<string, unknown>> {
  const a = await t.open()
  const what = agent ? `a hello of the agent ${clip(JSON.stringify(agent))}` : 'a hello without agent'
  const hello: Hello = { type: 'hello', versions: [1], ...(agent ? { agent } : {}) }
  const { message } = await expectAccepted(a.post(hello), 'welcome', what)
  const { version, capabilities, limits, auth } = message
  return { version, capabilities, limits, auth }
}

async function agentDoesNotMatter(t: CheckContext): Promise<void> {
  const plain = await offered(t, undefined)
  for (const agent of agents) {
    const named = await offered(t, agent)
    if (isDeepStrictEqual(named, plain)) continue
    // What differs from one hello to the next anyway is no matter of the agent.
    const again = [await offered(t, undefined), await offered(t, agent)]
    if (!isDeepStrictEqual(again, [plain, named])) continue
    throw new CheckFailure(
      `the same welcome for the agent ${clip(JSON.stringify(agent))} as for none`,
      missingFrom(plain, named) ?? missingFrom(named, plain) ?? 'it differs',
    )
  }
  const [room, a] = [t.room(), await t.client({ hello: { agent: { name: '', version: '' } } })]
  const b = await t.client()
  await t.join(room, a, b)
  await t.barrier(a, b, room)
  await t.barrier(b, a, room)
}

/** Checks of spec/connection.md, from the opening to order. */
export const connectionChecks: readonly Check[] = [
  check(
    'connection.hello-first',
    'a ping before hello',
    async (t) => {
      await first(t, { type: 'ping' }, 'a ping before hello')
    },
    { name: 'ping' },
  ),
  check(
    'connection.hello-first',
    'an auth before hello',
    async (t) => {
      const token = t.target.needsAuth ? await t.token() : undefined
      // Where nobody authenticates, auth is refused for that, too.
      const more = t.target.needsAuth ? [] : (['unsupported-type', 'auth-failed'] as const)
      const message: Sendable = { type: 'auth', method: 'token', token: token ?? invalidToken(t) }
      await first(
        t,
        message,
        'an auth before hello',
        t.target.needsAuth && token === undefined ? ['auth-failed'] : more,
      )
    },
    { name: 'auth' },
  ),
  check(
    'connection.hello-first',
    'a join before hello',
    async (t) => {
      const room = t.room()
      const b = await t.client()
      await t.join(room, b)
      await first(
        t,
        { type: 'join', room },
        'a join before hello',
        t.target.needsAuth ? ['unauthenticated'] : [],
      )
      await b.sync()
      if (b.all('peer-joined').length > 0)
        throw new CheckFailure('no effect of a join before hello', 'a peer-joined came')
    },
    { name: 'join' },
  ),
  check('connection.hello-first', 'a first frame that is not JSON', garbageFirst, {
    name: 'garbage',
    hostile: true,
  }),

  check('connection.welcome', 'hello is answered with welcome before anything else', welcomeComesFirst),
  check('connection.welcome', 'a hello after a refused one', welcomeAfterRefusal, {
    name: 'after-refused',
    hostile: true,
  }),
  check('connection.second-hello', 'a second hello is refused and changes nothing', secondHello),

  check('connection.unknown-agent', 'clients of any name and of none', agentDoesNotMatter, { lengthy: true }),

  check('connection.back-to-back', 'hello, auth, join and relays in one go', async (t) => {
    const [room, b] = [t.room(), await inOneGo(t.client())]
    await t.join(room, b)
    await backToBack(t, undefined, room, b)
  }),
  check(
    'connection.back-to-back',
    'the same from a client that takes over its earlier connection',
    async (t) => {
      const { room, a, b } = await inOneGo(t.pair())
      await backToBack(t, a, room, b)
    },
    { name: 'replaces' },
  ),
  check('connection.order', 'leave and join in one go with relays', membershipInOrder, {
    name: 'membership',
  }),
  check('connection.order', 'changes of data in one go', updatesInOrder, { name: 'updates' }),

  check('connection.pong', 'ping is answered with pong', async (t) => {
    await pongs(await t.client())
  }),
  check(
    'connection.pong',
    'ping is answered before authentication',
    async (t) => {
      await pongs(await t.client({ anonymous: true }))
    },
    { name: 'anonymous' },
  ),
]
