import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import { writtenMembers } from '../../endpoint/json-text.ts'
import { clip } from '../../observer/frame-observer.ts'
import { outcomeOfDoubtful, settled } from '../scene/doubtful-text.ts'
import { announcedLimit } from '../scene/membership.ts'
import { hugeNumbers, surrogates } from '../scene/relay-text.ts'
import { cannotInvite, hear, mayRefuseAnybody, stage } from './stage.ts'

/** relay.beyond-i-json: data that I-JSON forbids is refused, or told as it was written. */
async function settlesBeyond(t: CheckContext, values: readonly string[]): Promise<void> {
  const { a, b } = await stage(t)
  const most = announcedLimit(t, 'dataBytes') ?? Infinity
  for (const value of values) {
    const [call, id, sent] = [t.callId(), a.nextId(), a.log.length]
    const invite = { type: 'invite', id, call, callee: { peer: b.peer } }
    a.sendRaw(`${JSON.stringify(invite).slice(0, -1)},"data":${value}}`)
    const outcome = await outcomeOfDoubtful(a, id, sent)
    const what = `an invite with data ${clip(value)}`
    if (outcome.code === 'bad-message') continue
    // Of several errors any is right.
    if (outcome.code === 'too-large' && value.length > most) continue
    if (mayRefuseAnybody(outcome)) cannotInvite(t)
    if (outcome.type !== 'ok') throw unexpected(outcome, `bad-message or ok for ${what}`)
    const { text } = await hear(b, 'invite', call, `the delivery of ${what}, which was accepted`)
    const data = writtenMembers(text).find(({ name }) => name === 'data')?.value
    if (data !== settled(value))
      throw new CheckFailure(
        `${what} refused, or told unchanged`,
        `it was told with ${data === undefined ? 'no data' : `data ${clip(data)}`}`,
      ).shownBy(text)
    a.send({ type: 'cancel', call, reason: 'normal' })
  }
}

const options = { capability: 'calls', hostile: true } as const

/** Checks of an invite whose text says more than a parser keeps. */
export const inviteTextChecks: readonly Check[] = [
  check(
    'relay.beyond-i-json',
    'numbers that no double holds, in the data of an invite',
    (t) => settlesBeyond(t, hugeNumbers),
    { ...options, name: 'invite-numbers' },
  ),
  check(
    'relay.beyond-i-json',
    'lone surrogates in the data of an invite',
    (t) => settlesBeyond(t, surrogates),
    { ...options, name: 'invite-surrogates' },
  ),
]
