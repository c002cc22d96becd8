import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, presupposing } from '../../engine/failure.ts'
import type { Endpoint, Sendable } from '../../endpoint/endpoint.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { clip } from '../../observer/frame-observer.ts'
import { isRelayed } from '../../observer/relayed.ts'
import { departures, type Departure } from '../scene/departure.ts'
import { seesLeave } from '../scene/membership.ts'
import { answerTo, candidateTo, offerTo } from '../scene/negotiation-message.ts'

/** Relayed messages that an endpoint has got. */
function relayedTo(endpoint: Endpoint) {
  return endpoint.log.filter(({ message }) => isRelayed(String(message['type'])))
}

/** In the middle of a call one of the two goes; whoever is left reads what it has sent, and nothing that the server says for it. */
async function saysNothingForOthers(t: CheckContext, { way, go }: Departure): Promise<void> {
  const { room, a, b } = await t.pair()
  const call = t.callId()
  const toB = { room, to: b.peer, call }
  const toA = { room, to: a.peer, call }
  // No marker of the kit is sent behind them: that is a hangup, and a server may count the call as hung up with it.
  const reaches = async (from: Endpoint, to: Endpoint, first: Sendable, last: Sendable) => {
    from.send(first)
    from.send(last)
    const isLast = (message: Wire) => message['call'] === call
    await presupposing('relay.delivered', to.expect('candidate', isLast, 'the candidate of a call'))
  }
  await reaches(a, b, offerTo(toB), candidateTo(toB))
  await reaches(b, a, answerTo(toA), candidateTo(toA))
  const heard = relayedTo(b).length
  await go(t, a, room)
  await seesLeave(b, room, a)
  // What is made up may follow peer-left.
  await b.sync()
  const [made] = relayedTo(b).slice(heard)
  if (made)
    throw new CheckFailure(
      `nothing but what a peer has sent, after it has gone by ${way} in the middle of a call`,
      `this came: ${clip(made.text)}`,
    ).shownBy(made.text)
}

/** Checks of spec/delivery.md: a server speaks for itself alone. */
export const onlySentChecks: readonly Check[] = (['leave', 'bye', 'cut', 'replaced'] as const).map((name) =>
  check(
    'delivery.only-sent',
    `a call whose one side goes by ${departures[name].way}`,
    (t) => saysNothingForOthers(t, departures[name]),
    { name },
  ),
)
