import { clip } from '../../observer/frame-observer.ts'
import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import { writtenMembers } from '../../endpoint/json-text.ts'
import { outcomeOfDoubtful, settled } from '../scene/doubtful-text.ts'
import { announcedLimit, seesData } from '../scene/membership.ts'
import { hugeNumbers, surrogates } from '../scene/relay-text.ts'

/** The two messages by which a member changes its data, with the type of their outcome. */
const carriers = { update: 'ok', join: 'joined' } as const

type Carrier = keyof typeof carriers

/** Numbers that a double holds, and strings, in spellings that `JSON.stringify` does not use. */
const spellings = [
  '1.0',
  '-1.50',
  '0.0',
  '-0',
  '0e7',
  '1e2',
  '1E2',
  '12E+1',
  '100e-2',
  '1.5e-7',
  '0.00125',
  // Its digits without the point are more than a double holds.
  '0.90071992547409930',
  '-0.10e1',
  '120.0e-1',
  '[10,2.50,{"deep":-3.0e0}]',
  '1.7976931348623157E308',
  '5.0e-324',
  // More digits than any number needs, and still 1 and 0.5.
  `1.${'0'.repeat(32)}`,
  `[0.5${'0'.repeat(40)}]`,
  // A character beyond U+FFFF takes two escapes.
  '"\\ud83d\\ude00"',
  '["\\uD834\\uDD1Ex\\/y",{"\\ud83d\\ude00":"\\u00e9\\u20ac\\u0041"}]',
]

/** One of each kind of them, as the whole of the data: a fraction, a sign, an exponent. */
const bare = ['1.0', '-0', '1E2'] as const

function textOf(type: Carrier, id: string, room: string, data: string): string {
  return `${JSON.stringify({ type, id, room }).slice(0, -1)},"data":${data}}`
}

function mostBytes(t: CheckContext): number {
  return announcedLimit(t, 'dataBytes') ?? Infinity
}

/** Data that I-JSON forbids is refused, or shown to the others as it was written. */
async function settlesBeyond(t: CheckContext, type: Carrier, values: readonly string[]): Promise<void> {
  const { room, a, b } = await t.pair()
  for (const value of values) {
    const since = b.log.length
    const sent = a.log.length
    const id = a.nextId()
    a.sendRaw(textOf(type, id, room, value))
    const outcome = await outcomeOfDoubtful(a, id, sent)
    const what = `${type === 'update' ? 'an update' : 'a second join'} with data ${clip(value)}`
    if (outcome.code === 'bad-message' || outcome.code === 'rate-limited') continue
    // Of several errors any is right.
    if (outcome.code === 'too-large' && value.length > mostBytes(t)) continue
    if (outcome.type !== carriers[type])
      throw unexpected(outcome, `bad-message or ${carriers[type]} for ${what}`)
    const shown = await b.waitFor(
      ({ message }) => message['type'] === 'peer-updated' && message['room'] === room,
      `peer-updated after ${what}`,
      { since },
    )
    const member = writtenMembers(shown.text).find(({ name }) => name === 'member')?.value ?? ''
    if (!member.includes(`"data":${settled(value)}`))
      throw new CheckFailure(`${what} refused, or shown unchanged`, `member was shown as ${member}`)
  }
}

/** However a value is written, that value is what counts. All at once, as each update may take a while to be shown; one by one to name what is wrong. */
async function takesAnySpelling(t: CheckContext, type: Carrier): Promise<void> {
  const { room, a, b } = await t.pair()
  const most = mostBytes(t)
  // The limit counts the spelling of RFC 8785, which is that of JSON.stringify.
  const fits = (value: string) => Buffer.byteLength(JSON.stringify(JSON.parse(value))) <= most
  const alone = spellings.filter(fits)
  const together = `[${spellings.join(',')}]`
  if (!fits(together)) {
    for (const value of alone) await takes(value)
    return
  }
  for (const value of bare) await takes(value)
  try {
    await takes(together)
  } catch (failure) {
    for (const value of alone) await takes(value)
    throw failure
  }

  async function takes(value: string): Promise<void> {
    const since = b.log.length
    const id = a.nextId()
    a.sendText(textOf(type, id, room, value))
    const outcome = await a.outcome(id)
    // Nothing was seen of what it does with such a number.
    if (outcome.code === 'rate-limited') t.notObserved(`The ${type} was refused for coming too often`)
    if (outcome.type !== carriers[type]) {
      throw unexpected(
        outcome,
        `${carriers[type]} for ${type === 'update' ? 'an update' : 'a second join'} with data ${value}, which is I-JSON`,
      )
    }
    await seesData(b, room, a, JSON.parse(value), since)
  }
}

/** Checks of data whose text says more, or says it otherwise, than a parser keeps. */
export const writtenDataChecks: readonly Check[] = [
  check(
    'rooms.update',
    'numbers and strings in data, however they are written',
    (t) => takesAnySpelling(t, 'update'),
    {
      name: 'spelled-numbers',
    },
  ),
  check(
    'rooms.rejoin-data',
    'numbers and strings in data, however they are written',
    (t) => takesAnySpelling(t, 'join'),
    {
      name: 'spelled-numbers',
    },
  ),
  check(
    'relay.beyond-i-json',
    'numbers that no double holds, in the data of an update',
    (t) => settlesBeyond(t, 'update', hugeNumbers),
    { name: 'update-numbers', hostile: true },
  ),
  check(
    'relay.beyond-i-json',
    'lone surrogates in the data of an update',
    (t) => settlesBeyond(t, 'update', surrogates),
    { name: 'update-surrogates', hostile: true },
  ),
  check(
    'relay.beyond-i-json',
    'numbers that no double holds, in the data of a join',
    (t) => settlesBeyond(t, 'join', hugeNumbers),
    { name: 'join-numbers', hostile: true },
  ),
  check(
    'relay.beyond-i-json',
    'lone surrogates in the data of a join',
    (t) => settlesBeyond(t, 'join', surrogates),
    { name: 'join-surrogates', hostile: true },
  ),
]
