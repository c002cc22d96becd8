import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { ServerRequirementId } from '../../generated/requirement.ts'
import { expectRefusal } from '../scene/refusal.ts'
import { numbered, relayedTypes } from '../scene/stream.ts'

/**
 * A relayed message with a forbidden member whose name is written with an escape: to a parser it is the same name, to a search through the text it is
 * not.
 */
async function refusesEscaped(t: CheckContext, escaped: string, plain: string, value: string): Promise<void> {
  const { room, a, b } = await t.pair()
  const calls: string[] = []
  for (const type of relayedTypes) {
    const call = t.callId()
    calls.push(call)
    const id = a.nextId()
    const text = JSON.stringify({ ...numbered({ room, to: b.peer, call }, 1, { type }), id })
    a.sendRaw(`${text.slice(0, -1)},"${escaped}":${JSON.stringify(value === 'peer' ? b.peer : value)}}`)
    await expectRefusal(a, id, ['bad-message'], `${type} with the member ${plain}, written "${escaped}"`)
  }
  await t.barrier(a, b, room)
  const leaked = b.log.find(({ message }) => calls.includes(String(message['call'])))
  if (leaked) {
    const actual = `the ${String(leaked.message['type'])} was delivered`
    throw new CheckFailure(`no delivery of a message with the member ${plain}`, actual)
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
