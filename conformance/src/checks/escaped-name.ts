import { check, type Check } from '../engine/check.ts'
import type { CheckContext } from '../engine/context.ts'
import { CheckFailure } from '../engine/failure.ts'
import type { ServerRequirementId } from '../generated/requirement.ts'
import { offerTo } from './negotiation-message.ts'
import { expectRefusal } from './refusal.ts'

/**
 * An offer with a forbidden member whose name is written with an escape: to a parser it is the same name, to a search through the text it is
 * not.
 */
async function refusesEscaped(t: CheckContext, escaped: string, plain: string, value: string): Promise<void> {
  const { room, a, b } = await t.pair()
  const place = { room, to: b.peer, call: t.callId() }
  const id = a.nextId()
  const text = JSON.stringify({ ...offerTo(place), id })
  a.sendRaw(`${text.slice(0, -1)},"${escaped}":${JSON.stringify(value === 'peer' ? b.peer : value)}}`)
  await expectRefusal(a, id, ['bad-message'], `an offer with the member ${plain}, written "${escaped}"`)
  const control = t.callId()
  a.send(offerTo({ ...place, call: control }))
  await b.expect('offer', ({ call }) => call === control, `the same offer without ${plain}`)
  if (b.all('offer', ({ call }) => call === place.call).length > 0) {
    throw new CheckFailure(`no delivery of an offer with the member ${plain}`, 'it was delivered')
  }
}

function escapedCheck(
  requirement: ServerRequirementId,
  escaped: string,
  plain: string,
  value: string,
): Check {
  return check(
    requirement,
    `${plain} written with an escape`,
    (t) => refusesEscaped(t, escaped, plain, value),
    { name: 'escaped', hostile: true },
  )
}

/** Checks that forbidden names are found however they are written. */
export const escapedNameChecks: readonly Check[] = [
  escapedCheck('frames.forged-from', '\\u0066rom', 'from', 'peer'),
  escapedCheck('frames.forged-ref', 'r\\u0065f', 'ref', 'x'),
  escapedCheck('frames.hop-members', 's\\u0065q', 'seq', '1'),
  escapedCheck('frames.dollar-name', '\\u0024critical', '$critical', 'x'),
]
