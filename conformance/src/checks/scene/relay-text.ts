import { clip } from '../../observer/frame-observer.ts'
import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { Endpoint, Received } from '../../endpoint/endpoint.ts'
import { expectAllRefused } from './answer.ts'
import { announcedLimit } from './membership.ts'
import { sampleOf } from './client-sample.ts'
import { indefinite } from '../../observer/indefinite.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { writtenMembers } from '../../endpoint/json-text.ts'
import { hangupTo, offerTo } from './negotiation-message.ts'
import { relayedTypes } from './stream.ts'

/** One way of writing a relayed message that a server may refuse or deliver. */
interface Doubtful {
  readonly what: string
  readonly text: string
}

/** Who may be handed a doubtful message. */
interface Stage {
  readonly room: string
  readonly a: Endpoint
  readonly receivers: readonly Endpoint[]
}

/** Name of the member by which a doubtful message is told from others, whatever became of it. */
const mark = 'com.example.case'

/** Name of the member that holds what is doubtful. */
const suspectName = 'com.example.n'

const marked = (place: number) => `"${mark}":"case ${String(place)}"`

/** Fails with the message that ends the connection of its sender, where one does: each is sent alone. */
async function findEnding(t: CheckContext, cases: readonly Doubtful[]): Promise<void> {
  for (const { what, text } of cases) {
    const sender = await t.client()
    sender.sendRaw(text)
    try {
      await sender.sync()
    } catch (error) {
      if (!(error instanceof CheckFailure) || !sender.end) throw error
      throw error.inWords(`bad-message for ${what}, or its delivery`).shownBy(text)
    }
  }
}

/**
 * Sends doubtful messages without an `id` and returns those that were delivered, each with its receiver. Fails unless each of the others
 * was refused with `bad-message`.
 */
async function deliveredOf(
  t: CheckContext,
  { room, a, receivers }: Stage,
  cases: readonly Doubtful[],
): Promise<
  readonly { readonly doubtful: Doubtful; readonly receiver: Endpoint; readonly arrived: Received }[]
> {
  const since = a.log.length
  const markedText = (doubtful: Doubtful) =>
    `${doubtful.text.slice(0, -1)},${marked(cases.indexOf(doubtful))}}`
  for (const doubtful of cases) a.sendRaw(markedText(doubtful))
  try {
    for (const receiver of receivers) await t.barrier(a, receiver, room)
  } catch (error) {
    if (a.end)
      await findEnding(
        t,
        cases.map((each) => ({ ...each, text: markedText(each) })),
      )
    throw error
  }
  const delivered = cases.flatMap((doubtful, place) =>
    receivers.flatMap((receiver) =>
      receiver.log
        .filter(({ message }) => message[mark] === `case ${String(place)}`)
        .map((arrived) => ({ doubtful, receiver, arrived })),
    ),
  )
  const others = cases.filter((doubtful) => delivered.every((each) => each.doubtful !== doubtful))
  try {
    if (others.length > 0) await a.waitFor(isError, 'an error for each', { nth: others.length, since })
    const wrong = a.log
      .slice(since)
      .find((frame) => isError(frame) && frame.message['code'] !== 'bad-message')
    if (wrong) throw new CheckFailure('bad-message', `the error was ${String(wrong.message['code'])}`)
  } catch (error) {
    if (!(error instanceof CheckFailure)) throw error
    const frames = others.map((each) => ({
      what: `${each.what}, or its delivery`,
      text: markedText(each),
      codes: ['bad-message'],
    }))
    // One by one it shows which of them it is.
    for (const frame of frames) await expectAllRefused(a, [frame])
    throw new CheckFailure(
      `bad-message for each of ${String(others.length)} messages that were not delivered`,
      error.actual,
    )
  }
  return delivered
}

function isError({ message }: Received): boolean {
  return message['type'] === 'error'
}

/** A message with two members of one name, the second of them last. */
function doubled(
  message: object,
  name: string,
  first: unknown,
  last: unknown,
  lastName = JSON.stringify(name),
): Doubtful {
  const others = Object.entries(message).filter(([member]) => member !== name)
  const rest = others.map(([member, value]) => `${JSON.stringify(member)}:${JSON.stringify(value)}`)
  const text = `{${[`${JSON.stringify(name)}:${JSON.stringify(first)}`, ...rest, `${lastName}:${JSON.stringify(last)}`].join(',')}}`
  return {
    what: `${indefinite(String((message as Wire)['type']))} with ${JSON.stringify(name)} twice, ${short(first)} and ${short(last)}`,
    text,
  }
}

function short(value: unknown): string {
  return JSON.stringify(value).slice(0, 40)
}

/** Both values of each pair would do, so that refusing and delivering either are the only ways out. */
function duplicates(t: CheckContext, { room, receivers }: Stage): readonly Doubtful[] {
  const [b, c] = receivers
  const to = b?.peer ?? ''
  const place = () => ({ room, to, call: t.callId() })
  const hangup = () => hangupTo(place())
  const offer = () => offerTo(place())
  const candidate = (text: string) => ({ candidate: text, usernameFragment: 'Wk4v' })
  const cases = [
    doubled(hangup(), 'call', t.callId(), t.callId()),
    doubled(hangup(), 'reason', 'normal', 'failed'),
    doubled(hangup(), 'reason', 'normal', 'normal'),
    doubled(offer(), 'sdp', 'first', 'last'),
    doubled(offer(), 'sdp', 'first', 'last', '"s\\u0064p"'),
    doubled(offer(), 'negotiation', 1, 3),
    doubled(offer(), 'negotiation', 1, 'not a number'),
    doubled(offer(), 'negotiation', 'not a number', 1),
    doubled(offer(), 'label', 'first', 'last'),
    doubled(sampleOf('candidate', { ...place(), token: '' }), 'candidate', candidate('first'), candidate('')),
    doubled({ ...offer(), reason: 'normal' }, 'type', 'offer', 'hangup'),
    doubled(hangup(), 'com.example.x', 1, 2),
    doubled(hangup(), 'com.example.x', { deep: [1] }, null),
    doubled(hangup(), 'to', to, to, '"\\u0074\\u006f"'),
  ]
  if (c) cases.push(doubled(hangup(), 'to', to, c.peer), doubled(hangup(), 'to', c.peer, to))
  return cases
}

async function stageOf(t: CheckContext): Promise<Stage> {
  const room = t.room()
  const places = Math.min(3, announcedLimit(t, 'membersPerRoom') ?? 3)
  const [a, ...receivers] = await t.clients(places)
  if (!a) throw new Error('A check without clients')
  await t.join(room, a, ...receivers)
  return { room, a, receivers }
}

async function settlesDuplicates(t: CheckContext): Promise<void> {
  const stage = await stageOf(t)
  for (const { doubtful, receiver, arrived } of await deliveredOf(t, stage, duplicates(t, stage))) {
    const written = writtenMembers(arrived.text)
    const twice = written.find(
      ({ name }, place) => written.findIndex((other) => other.name === name) !== place,
    )
    const expected = `${doubtful.what} refused, or delivered with one of them`
    if (twice) throw new CheckFailure(expected, `it was delivered with ${JSON.stringify(twice.name)} twice`)
    const sent = writtenMembers(doubtful.text)
    const changed = sent.find(({ name }) => {
      const values = sent.filter((other) => other.name === name).map(({ value }) => value)
      return !values.includes(written.find((other) => other.name === name)?.value ?? '')
    })
    if (changed)
      throw new CheckFailure(
        expected,
        `it was delivered with another value of ${JSON.stringify(changed.name)}`,
      )
    if (arrived.message['to'] !== receiver.peer)
      throw new CheckFailure(expected, 'it was delivered to another peer than its to names')
    const invalid = t.judge.server(arrived.message)
    if (invalid !== undefined)
      throw new CheckFailure(expected, `it was delivered with a value that was not checked: ${invalid}`)
  }
}

/** Where an object further down has duplicate names, all of them or one of each may arrive. */
async function settlesNested(t: CheckContext): Promise<void> {
  const stage = await stageOf(t)
  const to = stage.receivers[0]?.peer ?? ''
  const cases = relayedTypes.map((type): Doubtful => {
    const message = sampleOf(type, { room: stage.room, to, call: t.callId(), token: '' })
    return {
      what: `${indefinite(type)} with a name twice inside a member`,
      text: `${JSON.stringify(message).slice(0, -1)},"${suspectName}":{"a":1,"a":2}}`,
    }
  })
  const permitted = ['{"a":1e0,"a":2e0}', '{"a":2e0,"a":1e0}', '{"a":1e0}', '{"a":2e0}']
  for (const { doubtful, arrived } of await deliveredOf(t, stage, cases)) {
    const value = writtenMembers(arrived.text).find(({ name }) => name === suspectName)?.value ?? ''
    if (permitted.includes(value)) continue
    throw new CheckFailure(
      `${doubtful.what} refused, or delivered with both or either`,
      `the member arrived as ${value}`,
    )
  }
}

/** Values that I-JSON forbids, as text. */
const beyond = [
  '9007199254740993',
  '-9007199254740993',
  '123456789012345678901234567890',
  '0.12345678901234567890123',
  '1e400',
  '-1e400',
  '1.5E+400',
  // More digits than some parsers of integers take.
  '9'.repeat(5000),
  '[9007199254740993]',
  '{"deep":[{"n":18446744073709551615}]}',
  '"\\ud800"',
  '"\\udfff x"',
  '"x\\ud83d"',
  '"\\ude00\\ud83d"',
  '["a","\\ud800\\ud800"]',
  '{"\\ud800":1}',
]

async function settlesBeyond(t: CheckContext, values: readonly string[]): Promise<void> {
  const stage = await stageOf(t)
  const to = stage.receivers[0]?.peer ?? ''
  const cases = values.map((value, place): Doubtful => {
    const type = relayedTypes[place % 4] ?? 'offer'
    const message = sampleOf(type, { room: stage.room, to, call: t.callId(), token: '' })
    return {
      what: `${indefinite(type)} that holds ${clip(value)}`,
      text: `${JSON.stringify(message).slice(0, -1)},"${suspectName}":${value}}`,
    }
  })
  // The same inside what the server knows: a description is opaque, whatever it holds.
  if (values === surrogates) {
    const offer = JSON.stringify(offerTo({ room: stage.room, to, call: t.callId() }, { sdp: 'v=0' }))
    cases.push({
      what: 'an offer whose sdp holds a lone surrogate',
      text: offer.replace('v=0', 'v=0\\r\\ns=\\udc00'),
    })
  }
  for (const { doubtful, arrived } of await deliveredOf(t, stage, cases)) {
    const written = writtenMembers(arrived.text)
    const suspects = doubtful.text.includes(`"${suspectName}"`) ? [suspectName] : ['sdp']
    const changed = writtenMembers(doubtful.text).find(
      ({ name, value }) =>
        suspects.includes(name) && !written.some((other) => other.name === name && other.value === value),
    )
    if (!changed) continue
    const actual = `${changed.name} arrived as ${written.find(({ name }) => name === changed.name)?.value ?? 'nothing'}`
    throw new CheckFailure(`${doubtful.what} refused, or delivered unchanged`, actual)
  }
}

/** Those of them that hold half of a surrogate pair. */
export const surrogates = beyond.filter((value) => value.includes('\\u'))
/** Those of them that hold a number which no double holds. */
export const hugeNumbers = beyond.filter((value) => !value.includes('\\u'))

/** Checks of relayed messages whose text says more than a parser keeps. */
export const relayTextChecks: readonly Check[] = [
  check('relay.duplicate-names', 'two members of one name at the top level', settlesDuplicates, {
    hostile: true,
  }),
  check('relay.nested-duplicates', 'two members of one name further down', settlesNested, { hostile: true }),
  check('relay.beyond-i-json', 'numbers that no double holds', (t) => settlesBeyond(t, hugeNumbers), {
    name: 'numbers',
    hostile: true,
  }),
  check('relay.beyond-i-json', 'lone surrogates', (t) => settlesBeyond(t, surrogates), {
    name: 'surrogates',
    hostile: true,
  }),
]
