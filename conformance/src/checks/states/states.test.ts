import { expect, test } from 'vitest'
import { checks } from '../index.ts'
import { notTested } from '../not-tested.ts'
import { callPlays } from './call.ts'
import { connectionPlays } from './connection.ts'
import { membershipPlays } from './membership.ts'
import { sessionPlays } from './session.ts'
import { transitionsIn } from './walk.ts'

test('what no walk plays has a reason, and checks of its own for each requirement that it stands for', () => {
  const everything = [
    transitionsIn('connection', connectionPlays),
    transitionsIn('membership', membershipPlays),
    transitionsIn('call', callPlays),
    transitionsIn('session', sessionPlays),
  ].map((ways) =>
    ways.map(({ way, transition, play }) => ({ way, play, requirements: transition.requirements })),
  )
  const leftOut = everything.flat().filter(({ play }) => typeof play !== 'object')
  expect(leftOut.length).toBeGreaterThan(0)
  const checked = new Set<string>(
    checks.filter(({ net }) => net !== true).map(({ requirement }) => requirement.id),
  )
  const unseen = leftOut.flatMap(({ way, play, requirements }) => {
    const open = requirements.filter((id) => !checked.has(id) && !Object.hasOwn(notTested, id))
    return typeof play === 'string' && play.length > 0 ? open.map((id) => `${way}: ${id}`) : [way]
  })
  expect(unseen).toEqual([])
})
