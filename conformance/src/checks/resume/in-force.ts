import type { Hello } from '@parley/schemas'
import { inForceOn } from '../../engine/arrival.ts'
import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { otherOffered } from './refusal.ts'
import { cut, tryResume, unlessLate } from './stage.ts'

/** A client whose `hello` names what is given, in that order. */
function naming(t: CheckContext, names: readonly string[]): Promise<Endpoint> {
  const capabilities: Hello['capabilities'] = Object.fromEntries(names.map((name) => [name, {}]))
  return t.client({ hello: { capabilities } })
}

/** What is in force on a connection, in one order. */
function setOf(endpoint: Endpoint): string {
  return [...inForceOn(endpoint)].sort().join(', ')
}

/** resume.resumed: the same capabilities are in force, however `hello` has named them, and whatever else it has. */
async function comparesWhatIsInForce(t: CheckContext): Promise<void> {
  const [former, further] = ['former', 'further'].map((word) => `com.example.${word}-${t.random.hex(8)}`)
  const other = otherOffered(t)
  const known = ['resume', ...(other === undefined ? [] : [other])]
  const a = await naming(t, [String(former), ...known])
  const due = setOf(a)
  await t.join(t.room(), a)
  let current = a
  const ways: readonly (readonly [how: string, names: readonly string[]])[] = [
    ['with those alone, where the first hello had named one that the server does not have, too', known],
    ['that hello names in another order', known.toReversed()],
    ['beside which hello names one that the server does not have', [...known, String(further)]],
  ]
  for (const [how, names] of ways) {
    const lost = await cut(t, current)
    const later = await naming(t, names)
    if (setOf(later) !== due) t.notObserved('The server did not put in force again what it had put in force')
    const { outcome } = await tryResume(t, lost, { later })
    unlessLate(lost)
    if (outcome.type !== 'resumed')
      throw unexpected(
        outcome,
        `resumed for a resume on a connection with the same capabilities in force (${due}), ${how}`,
      )
    current = later
  }
}

/** Checks of which capabilities are those of a session. */
export const inForceChecks: readonly Check[] = [
  check('resume.resumed', 'the same capabilities, named in other ways', comparesWhatIsInForce, {
    name: 'in-force',
    capability: 'resume',
  }),
]
