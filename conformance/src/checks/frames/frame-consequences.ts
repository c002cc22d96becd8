import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure, ConnectionLost } from '../../engine/failure.ts'
import { announcedRate } from '../../endpoint/announced-rate.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { parseWire, stringOf, type Wire } from '../../endpoint/wire.ts'
import { clip } from '../../observer/frame-observer.ts'
import { indefinite } from '../../observer/indefinite.ts'
import { isAnswer, quoted, refusedMessage, safeBurst, type Refused } from '../scene/answer.ts'
import { sampleOf } from '../scene/client-sample.ts'
import { namedParameterCheck } from './named-parameter.ts'
import { malformedMembers } from './malformed-member.ts'
import { answerTo, candidateTo, hangupTo, offerTo } from '../scene/negotiation-message.ts'
import { msAtRate } from '../scene/rate-cost.ts'
import { sideBySide, type Part } from '../scene/side-by-side.ts'

const bad = ['bad-message'] as const
const unsupported = ['unsupported-type'] as const

/** Refused frames of every kind, from a member of a room that names another one wherever a message can. */
function refusedOfAllKinds(t: CheckContext, a: Endpoint, b: Endpoint, room: string): readonly Refused[] {
  const place = () => ({ room, to: b.peer, call: t.callId() })
  const object = (what: string, codes: readonly string[], message: Wire) =>
    refusedMessage(a, what, codes, message)
  return [
    { what: 'text that is not JSON', text: '{]', codes: bad },
    { what: 'JSON null', text: 'null', codes: bad },
    object('an object without type', bad, { room }),
    object('a join without room', bad, { type: 'join' }),
    object('an update without data', bad, { type: 'update', room }),
    object('an update with a $ member', bad, { type: 'update', room, data: 3, $x: 1 }),
    object('a join with from', bad, { type: 'join', room, data: 4, from: b.peer }),
    object('a leave with ack', bad, { type: 'leave', room, ack: 1 }),
    object('a bye whose reason is a number', bad, { type: 'bye', reason: 7 }),
    object('an offer without sdp', bad, { ...offerTo(place()), sdp: undefined }),
    object('an answer whose negotiation is a string', bad, { ...answerTo(place()), negotiation: '1' }),
    object('a candidate without usernameFragment', bad, {
      ...candidateTo(place()),
      candidate: { candidate: '' },
    }),
    object('a hangup with an unknown reason', bad, { ...hangupTo(place()), reason: 'because' }),
    object('an offer with a forged sender', bad, { ...offerTo(place()), from: b.peer }),
    object('a relayed message of an unknown type', unsupported, {
      ...offerTo(place()),
      type: 'com.example.offer',
    }),
    object('a peer-left written by a client', unsupported, {
      type: 'peer-left',
      room,
      peer: b.peer,
      reason: 'leave',
      revision: 1,
    }),
  ]
}

/** Without those that would end the sender's membership if they were taken. */
function lasting(frames: readonly Refused[]): readonly Refused[] {
  return frames.filter(({ what }) => !/^a (leave|bye)/.test(what))
}

/** Whether a frame has been refused as it should: only then these checks say anything of what comes of it. */
function wasRefused(a: Endpoint, since: number, { id, codes }: Refused): boolean {
  const errors = a.log.slice(since).filter(({ message }) => message['type'] === 'error')
  // Where no error says what it is about, each of them may be about this frame.
  const anonymous = errors.every(({ message }) => message['ref'] === undefined)
  return errors.some(
    ({ message: { ref, code } }) => codes.includes(String(code)) && (anonymous || ref === id),
  )
}

/** After each kind of refused frame alone, the connection and its membership are as before. */
async function goesOnAfterEach(t: CheckContext, { room, a, b, mine }: Part): Promise<void> {
  for (const frame of mine(refusedOfAllKinds(t, a, b, room))) {
    const since = a.log.length
    const call = t.callId()
    a.sendRaw(frame.text)
    // Without waiting: what follows a refused frame is not lost with it.
    a.send(hangupTo({ room, to: b.peer, call }))
    try {
      await b.expect(
        'hangup',
        (m) => m.call === call,
        `the hangup of call ${call}, sent right after ${frame.what}`,
      )
    } catch (error) {
      if (error instanceof CheckFailure && !wasRefused(a, since, frame))
        t.couldNotRun(`The server did not refuse ${frame.what}`)
      throw error
    }
  }
  await a.sync()
}

/** Refused frames are seen by nobody and change nothing. */
async function hasNoEffect(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const update = await a.request({ type: 'update', room, data: 1 })
  if (update.type !== 'ok') throw unexpected(update, 'ok for an update')
  const [since, seenSince] = [a.log.length, b.log.length]
  const malformed = (['offer', 'candidate', 'hangup'] as const).flatMap((type) => {
    const base: Wire = { ...sampleOf(type, { room, to: b.peer, call: '0'.repeat(32), token: '' }), id: 'x' }
    const forms = malformedMembers(type, base, t.judge).filter(
      ({ member }) => !['id', 'to', 'room', 'call'].includes(member),
    )
    const some = forms.filter((_form, place) => place % 8 === 4)
    return some.map(({ what, message }) =>
      refusedMessage(a, what, bad, { ...message, id: a.nextId(), call: t.callId() }),
    )
  })
  const suspects = [...refusedOfAllKinds(t, a, b, room), ...malformed]
  for (const { text } of suspects) a.sendRaw(text)
  try {
    await a.waitFor(isAnswer, 'an answer to each frame', { nth: suspects.length, since })
  } catch (error) {
    if (!(error instanceof CheckFailure)) throw error
  }
  if (a.end ?? a.all('left').at(0)) t.couldNotRun('The server did not refuse a malformed bye or leave')
  await t.barrier(a, b, room)
  for (const { message, text } of b.log.slice(seenSince)) {
    const suspect = suspects.find((each) => isTraceOf(message, a, each))
    if (!suspect || !wasRefused(a, since, suspect)) continue
    throw new CheckFailure(
      `nobody to see anything of ${suspect.what}, once it is refused`,
      `another member got ${clip(text)}`,
    )
  }
}

/** Whether a message shows that a refused frame was acted on. */
function isTraceOf(message: Wire, a: Endpoint, { text }: Refused): boolean {
  const suspect = parseWire(text) ?? {}
  const type = stringOf(message, 'type') ?? ''
  if ('call' in suspect) return message['call'] === suspect['call']
  if (suspect['type'] === 'leave') return type === 'peer-left' && message['peer'] === a.peer
  const member = message['member'] as Wire | undefined
  return 'data' in suspect && type === 'peer-updated' && member?.['data'] === suspect['data']
}

/** More than the hundred after which somebody may have thought that it is enough. */
const manyFrames = 110

/** Milliseconds that an announced rate may take for so many; where it takes longer fewer are sent. */
const mostMsToSendMany = 1000

/** However many frames are refused, the connection goes on. */
async function goesOnAfterMany(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const kinds = lasting(refusedOfAllKinds(t, a, b, room))
  const count = msAtRate(t, manyFrames) > mostMsToSendMany ? safeBurst : manyFrames
  for (let turn = 0; turn < count; turn += 1) {
    const { text } = kinds[turn % kinds.length] as Refused
    a.sendRaw(text.replace(/,"id":"[^"]*"/, ''))
  }
  try {
    await a.sync()
    await t.barrier(a, b, room)
  } catch (error) {
    if (error instanceof CheckFailure && a.all('error').length === 0)
      t.couldNotRun('The server refused none of the frames')
    if (!(error instanceof CheckFailure)) throw error
    const isTooOften = a.all('error', ({ code, fatal }) => fatal && code === 'rate-limited').length > 0
    if (isTooOften && announcedRate(t.target.welcome.limits) === undefined)
      t.notObserved('The server takes fewer messages in one go, of which it announces nothing')
    throw new ConnectionLost(
      `the connection to go on after ${String(count)} refused frames`,
      `${error.actual}, after ${String(a.all('error', ({ fatal }) => !fatal).length)} refusals`,
    )
  }
}

/** A frame that is refused before `welcome` leaves `hello` to be said, unless a fatal error was the answer. */
async function goesOnBeforeWelcome(t: CheckContext): Promise<void> {
  const texts = ['{"type":', '[]', '{"type":"hello"}', '{"type":"hello","versions":"1"}', '{}']
  await Promise.all(
    texts.map(async (text) => {
      const a = await t.open()
      a.sendRaw(text)
      a.send({ type: 'hello', versions: [1] })
      const first = await a.waitFor(isAnswer, `an error for ${text} before hello`)
      // What is not refused at all, or with the fatal error that is permitted here, is for other checks.
      if (first.message['type'] !== 'error' || first.message['fatal'] === true) return
      await a.expect(
        'welcome',
        undefined,
        `welcome for a hello after ${text} was refused with ${String(first.message['code'])}`,
      )
    }),
  )
}

/** Frames that a careless server dies of, from a member of a room. */
function poison(t: CheckContext, room: string, to: string): readonly string[] {
  const nested = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth)
  const deep = (depth: number) => nested(depth, '[', ']')
  const place = JSON.stringify(hangupTo({ room, to, call: t.callId() })).slice(0, -1)
  return [
    `{"type":"ping","x":${deep(20_000)}}`,
    `{"type":"join","room":${JSON.stringify(room)},"data":${deep(20_000)}}`,
    `{"type":"update","room":${JSON.stringify(room)},"data":${deep(5000)}}`,
    `{"type":"update","room":${JSON.stringify(room)},"data":${`{"a":`.repeat(5000)}1${'}'.repeat(5000)}}`,
    deep(30_000),
    '['.repeat(60_000),
    `{"a":`.repeat(10_000),
    `${place},"x":1e999999999}`,
    `{"type":"ping","x":${'9'.repeat(20_000)}}`,
    `{"type":"ping","x":"\\ud800"}`,
    `{"type":"\\ud800"}`,
    '{"type":"__proto__"}',
    '{"type":"constructor","id":"1"}',
    '{"__proto__":{"type":"ping"}}',
    '{"type":"hasOwnProperty","hasOwnProperty":1}',
    `{"type":{"toString":1},"id":{"toString":null}}`,
    `{"type":"leave","room":{"toString":1}}`,
    `{"type":"leave","room":"__proto__"}`,
    `{"type":"update","room":"constructor","data":{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}}`,
    `{"type":"hangup","to":"__proto____proto__","room":"__proto__","call":"${t.callId()}","reason":"normal"}`,
    `{"type":"hello","versions":[1],"capabilities":{"constructor":{},"__proto__":{}}}`,
    `{"type":"candidate","candidate":null,"to":null,"room":null,"call":null,"negotiation":null}`,
    '\u0000',
    '\ufeff{"type":"ping"}',
    '%s%n%x',
  ]
}

/** A pair whose first member is suspect, and a pair in a room of its own: the three others must not be harmed. */
async function bystanders(
  t: CheckContext,
): Promise<{ readonly room: string; readonly a: Endpoint; readonly unharmed: () => Promise<void> }> {
  const [{ room, a, b }, far] = await Promise.all([t.pair(), t.pair()])
  const unharmed = async () => {
    try {
      await t.barrier(far.a, far.b, far.room)
      await t.barrier(far.b, far.a, far.room)
      await b.sync()
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error
      throw new ConnectionLost('the connections of other clients to go on', error.actual)
    }
    const [left] = b.all('left')
    if (left)
      throw new CheckFailure(
        'the memberships of other clients to go on',
        `one got left, reason ${left.reason}`,
      )
  }
  return { room, a, unharmed }
}

type Strange = Pick<Refused, 'what' | 'text'>

/**
 * Has harm looked for after many frames, and, where there is some, after each of them alone: so that it is told which does it.
 *
 * @param look - Sends the frames of a list that are wanted, which it makes itself, and fails if there is harm.
 */
async function harmedBy(
  expected: string,
  look: (wanted: (frames: readonly Strange[]) => readonly Strange[]) => Promise<void>,
): Promise<void> {
  let count = 0
  try {
    await look((frames) => {
      count = frames.length
      return frames
    })
  } catch (error) {
    // Where not even one was sent, it is nothing that they have done.
    if (!(error instanceof CheckFailure) || count === 0) throw error
    for (let place = 0; place < count; place += 1) {
      let one: Strange | undefined
      try {
        await look((frames) => {
          one = frames[place]
          return one ? [one] : []
        })
      } catch (alone) {
        // A server that is gone says nothing of a single frame.
        if (!(alone instanceof CheckFailure)) break
        throw alone.inWords(`${expected} after ${one?.what ?? 'a frame'}`).shownBy(one?.text ?? '')
      }
    }
    throw error.inWords(`${expected} after ${String(count)} strange frames`)
  }
}

function survivesFrames(t: CheckContext): Promise<void> {
  return harmedBy('the connections and memberships of other clients to go on', async (wanted) => {
    const { room, a, unharmed } = await bystanders(t)
    const frames = poison(t, room, t.strangerId()).map((text) => ({ what: quoted(text), text }))
    for (const { text } of wanted(frames)) a.sendRaw(text)
    await unharmed()
  })
}

/** A frame that names another client does not end that client's connection, nor change its membership. */
function survivesBeingNamed(t: CheckContext): Promise<void> {
  const expected = 'the connection and the membership of the client that is named to go on'
  return harmedBy(expected, async (wanted) => {
    const { room, a, b } = await t.pair()
    const onBehalf = (['leave', 'update', 'ping'] as const).map((type) => {
      const sample = sampleOf(type, { room, to: b.peer, call: t.callId(), token: '' })
      // Whoever reads `to` or `peer` here acts on the other's behalf.
      const elsewhere = 'room' in sample ? { room: t.room() } : {}
      const text = JSON.stringify({ ...sample, ...elsewhere, to: b.peer, peer: b.peer })
      return { what: `${indefinite(type)} with the members to and peer, which name it`, text }
    })
    const frames = [...lasting(refusedOfAllKinds(t, a, b, room)), ...onBehalf]
    for (const { text } of wanted(frames)) a.sendRaw(text)
    try {
      await a.sync()
    } catch (error) {
      // What becomes of the sender itself is for other checks.
      if (!(error instanceof ConnectionLost)) throw error
    }
    const outcome = await b.request({ type: 'update', room, data: 1 })
    if (outcome.type !== 'ok') throw unexpected(outcome, expected)
    const [left] = b.all('left')
    if (left) throw new CheckFailure(expected, `it got left, reason ${left.reason}`)
  })
}

async function survivesBinding(t: CheckContext): Promise<void> {
  const { a, unharmed } = await bystanders(t)
  const utf8 = (text: string) => new TextEncoder().encode(text)
  const attacks: readonly (readonly { opcode: number; fin: boolean; payload: Uint8Array }[])[] = [
    [{ opcode: 2, fin: true, payload: utf8('{"type":"ping"}') }],
    [{ opcode: 1, fin: true, payload: Uint8Array.of(0x22, 0xff, 0xfe, 0x22) }],
    [{ opcode: 3, fin: true, payload: utf8('{}') }],
    [{ opcode: 0, fin: true, payload: utf8('{}') }],
    [{ opcode: 9, fin: false, payload: utf8('x') }],
    [{ opcode: 9, fin: true, payload: new Uint8Array(126) }],
    [{ opcode: 8, fin: true, payload: Uint8Array.of(3) }],
    [{ opcode: 8, fin: true, payload: Uint8Array.of(0, 0) }],
    [{ opcode: 1, fin: false, payload: utf8('{"type":"ping"') }],
  ]
  const suspects = [a, ...(await t.clients(attacks.length - 1))]
  for (const [place, frames] of attacks.entries())
    suspects[place]?.sendFrames(frames, `frames against RFC 6455, case ${String(place + 1)}`)
  // The last one leaves a message unfinished, and one is cut off: neither may hold up anybody else.
  suspects.at(-1)?.link.abort()
  await unharmed()
}

/** Checks of spec/frames.md: what a refused frame leaves as it was. */
export const consequenceChecks: readonly Check[] = [
  check(
    'frames.goes-on',
    'the connection goes on after each kind of refused frame',
    (t) => sideBySide(t, (part) => goesOnAfterEach(t, part)),
    { lengthy: true, hostile: true },
  ),
  check('frames.goes-on', 'refused frames are seen by nobody and change nothing', hasNoEffect, {
    name: 'no-effect',
    hostile: true,
  }),
  check('frames.goes-on', 'the connection goes on after many refused frames', goesOnAfterMany, {
    name: 'many',
    hostile: true,
  }),
  check(
    'frames.goes-on',
    'hello can still be said after a frame refused before welcome',
    goesOnBeforeWelcome,
    {
      name: 'before-welcome',
      hostile: true,
    },
  ),
  check('frames.others-unharmed', 'deep, huge and strangely named values harm nobody else', survivesFrames, {
    hostile: true,
  }),
  check(
    'frames.others-unharmed',
    'a frame that names another client does nothing to it',
    survivesBeingNamed,
    {
      name: 'named',
      hostile: true,
    },
  ),
  namedParameterCheck,
  check('frames.others-unharmed', 'frames against RFC 6455 harm nobody else', survivesBinding, {
    name: 'binding',
    hostile: true,
  }),
]
