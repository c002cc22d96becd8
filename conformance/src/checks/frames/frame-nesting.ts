import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { clip } from '../../observer/frame-observer.ts'
import { carry, withMembers, type Letter } from '../scene/carriage.ts'
import { sampleOf } from '../scene/client-sample.ts'
import { differenceOf, missingFrom } from '../scene/json-value.ts'
import { announcedLimit, fits } from '../scene/membership.ts'
import { hangupTo } from '../scene/negotiation-message.ts'
import { nested, shapes } from './nested-value.ts'
import { nestedElsewhereChecks } from './nested-elsewhere.ts'
import { acceptsSpelling, pick, type NamedSpelling } from './spelling.ts'
import { relayedTypes } from '../scene/stream.ts'

/** Levels that every server takes. */
const most = 16

/** Nested so deep that the message itself has this many levels. */
function nestedSpellings(levels: number): readonly NamedSpelling[] {
  return shapes.map((shape) => ({
    what: `nested ${String(levels)} levels deep (${shape === 'both' ? 'objects in arrays' : `${shape}s`})`,
    spell: (message) => withMembers(message, `"com.example.deep":${nested(levels - 1, shape)}`),
  }))
}

/** A frame that is refused for its depth leaves what may be nested as it was. */
async function goesOnAfterDeeper(t: CheckContext): Promise<void> {
  const a = await t.client()
  const ping = (levels: number): string => {
    const id = a.nextId()
    const [spelling] = nestedSpellings(levels)
    a.sendRaw(spelling?.spell({ type: 'ping', id }) ?? '')
    return id
  }
  const control = await a.outcome(ping(most))
  if (control.type !== 'pong')
    t.couldNotRun('A ping of 16 levels was not answered with pong: see frames.nesting')
  for (const levels of [most + 1, 2 * most]) {
    // Whether it is refused is the server's to choose.
    ping(levels)
    const what = `pong for a ping of 16 levels after one of ${String(levels)}`
    const outcome = await a.outcome(ping(most), { what })
    if (outcome.type !== 'pong') throw unexpected(outcome, what)
  }
}

/** Brackets in a string are no levels, nor does an escaped quotation mark end it. */
const brackets = `"${'[{'.repeat(20)}`

function bracketsInStrings(t: CheckContext): NamedSpelling {
  return {
    what: 'with 40 brackets in each of its strings',
    spell: (message) => {
      const sdp = 'sdp' in message && { sdp: brackets }
      const data = 'data' in message && fits(t, brackets) && { data: brackets }
      return withMembers({ ...message, ...sdp, ...data }, `"com.example.deep":${JSON.stringify(brackets)}`)
    },
  }
}

async function carriesNested(t: CheckContext): Promise<void> {
  const way = await t.pair()
  const letters = shapes.flatMap((shape) =>
    relayedTypes.map((type): Letter => {
      const members = `"com.example.deep":${nested(15, shape)}`
      return (call) =>
        withMembers(sampleOf(type, { room: way.room, to: way.b.peer, call, token: '' }), members)
    }),
  )
  for (const { sent, arrived } of await carry(t, way, letters, 'nested 16 levels deep')) {
    const difference = missingFrom(pick(sent, arrived, 'com.example.deep'), arrived.message)
    if (difference !== undefined)
      throw new CheckFailure('a value nested 16 levels deep, unchanged', difference)
  }
}

async function acceptsNestedData(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  for (const shape of shapes) {
    const data = JSON.parse(nested(15, shape)) as unknown
    if (!fits(t, data))
      t.notApplicable(
        `limits.dataBytes of ${String(announcedLimit(t, 'dataBytes'))} has no room for 15 levels`,
      )
    // Other data than before, as equal data is another matter.
    const other = JSON.parse(nested(15, shape).replace('[]', '[2]').replace('{}', '{"b":2}')) as unknown
    for (const message of [
      { type: 'update', room, data } as const,
      { type: 'join', room, data: fits(t, other) ? other : data } as const,
    ]) {
      const since = b.log.length
      const outcome = await a.request(message)
      if (outcome.code === 'rate-limited' && message.type === 'join') continue
      if (outcome.type === 'error')
        throw unexpected(outcome, `acceptance of a ${message.type} whose data makes it 16 levels deep`)
      const seen = await b.expect(
        'peer-updated',
        ({ member }) => member.peer === a.peer,
        'peer-updated with that data',
        { since },
      )
      const difference = differenceOf(message.data, seen.member.data, 'data')
      // An earlier value may be repeated in between.
      if (difference !== undefined)
        await b.expect(
          'peer-updated',
          ({ member }) => differenceOf(message.data, member.data, '') === undefined,
          'peer-updated with that data',
          { since },
        )
    }
  }
}

async function settlesDeeper(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const since = a.log.length
  const cases = [17, 18, 33, 65, 129, 1000].map((levels) => ({ levels, call: t.callId() }))
  for (const { levels, call } of cases) {
    a.sendText(
      withMembers(hangupTo({ room, to: b.peer, call }), `"com.example.deep":${nested(levels - 1, 'array')}`),
    )
  }
  await t.barrier(a, b, room)
  const open = cases.filter(({ call }) => b.all('hangup', (m) => m.call === call).length === 0)
  const isError = ({ message }: { readonly message: Wire }) => message['type'] === 'error'
  const what = `bad-message or a delivery for messages of ${open.map(({ levels }) => levels).join(', ')} levels`
  if (open.length > 0) await a.waitFor(isError, what, { nth: open.length, since })
  const wrong = a.log.slice(since).find((frame) => isError(frame) && frame.message['code'] !== 'bad-message')
  if (wrong) throw new CheckFailure(what, `the error was ${clip(String(wrong.message['code']))}`)
}

/** Checks of spec/frames.md about nested values. */
export const nestingChecks: readonly Check[] = [
  check(
    'frames.nesting',
    'messages of every type, 16 levels deep',
    (t) => acceptsSpelling(t, [...nestedSpellings(16), bracketsInStrings(t)]),
    {
      name: 'types',
      hostile: true,
    },
  ),
  check('frames.nesting', 'relayed values 16 levels deep arrive', carriesNested, {
    name: 'relayed',
    hostile: true,
  }),
  check('frames.nesting', 'data that makes a message 16 levels deep', acceptsNestedData, {
    name: 'data',
    hostile: true,
  }),
  ...nestedElsewhereChecks,
  check('frames.goes-on', 'a nested message after one that is nested deeper', goesOnAfterDeeper, {
    name: 'deeper',
    hostile: true,
  }),
  check('frames.nesting-deeper', 'deeper messages are delivered or refused with bad-message', settlesDeeper, {
    hostile: true,
  }),
]
