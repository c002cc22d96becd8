import { check, type Check } from '../engine/check.ts'
import type { CheckContext } from '../engine/context.ts'
import { enter, expectData, fits, seesData } from './membership.ts'

/** Each takes the whole place of the one before: nothing of it may be left, or be brought into another form. */
const successions: readonly unknown[] = [
  { name: 'a', deep: { left: 1, right: [1, 2, 3] } },
  { name: 'b', deep: { right: [4] } },
  { deep: {} },
  // Decomposed, composed, and compatibility characters: equal only after a normalisation.
  { 'e\u0301': 'e\u0301', '\u00e9': '\u00e9', '\ufb01': '\u212b' },
  ['1', 1, '1.0', 'true', 'null', ' x ', '<b>&amp;</b>', 'a\r\nb', '\u200d\ufeff'],
  { 10: 'ten', 9: 'nine', length: 0, toString: 'x', constructor: null },
  9007199254740991,
  0.1,
  -0.000001,
  5e-324,
  '',
  null,
]

/** What a member and a newcomer are shown is the last data, as it was written. */
async function latestDataOnly(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  for (const data of successions.filter((each) => fits(t, each))) {
    const since = b.log.length
    a.send({ type: 'update', room, data })
    await seesData(b, room, a, data, since)
  }
}

/** The same by joins: at the member that is told, at the one who asks, and in what it is told itself. */
async function shownAsWritten(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  for (const data of successions.filter((each) => fits(t, each))) {
    const since = b.log.length
    expectData((await enter(t, a, room, data)).self, data, 'self of a second join')
    await seesData(b, room, a, data, since)
    const shown = (await enter(t, b, room)).members.find(({ peer }) => peer === a.peer)
    expectData(shown, data, 'members of a second join')
  }
}

/** Checks of spec/rooms.md: data is the application's, carried and not read. */
export const carriedDataChecks: readonly Check[] = [
  check('rooms.update', 'the data of an update takes the whole place of the earlier', latestDataOnly, {
    name: 'replaced-data',
  }),
  check(
    'rooms.rejoin-data',
    'the data of a second join takes the whole place of the earlier',
    shownAsWritten,
    {
      name: 'replaced-data',
    },
  ),
]
