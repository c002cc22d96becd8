import { check, type Check, type CheckOptions } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import type { ServerRequirementId } from '../../generated/requirement.ts'
import { withPeers } from './audit.ts'
import { enter, type Participant, type ParticipantOptions } from './participant.ts'

/** Two participants in a room of their own. */
export interface Two {
  readonly a: Participant
  readonly b: Participant
}

/** Lets two participants into a room that nobody else uses, the first before the second. */
export async function two(
  t: CheckContext,
  forA: ParticipantOptions = {},
  forB: ParticipantOptions = {},
): Promise<Two> {
  const room = t.room()
  const a = await enter(t, room, forA)
  const b = await enter(t, room, forB)
  return { a, b }
}

/** How a check between two participants is declared. */
export interface BetweenTwo extends Omit<CheckOptions, 'peers'> {
  readonly name: string
  readonly forA?: ParticipantOptions
  readonly forB?: ParticipantOptions
}

/**
 * Declares a check with real peers. It fails only for what the server did to signaling; whatever else keeps the peers from the goal is
 * could-not-run.
 *
 * @param requirement - The sentence that would be broken if signaling did not carry this.
 */
export function betweenTwo(
  requirement: ServerRequirementId,
  title: string,
  { forA, forB, ...options }: BetweenTwo,
  work: (t: CheckContext, two: Two) => Promise<void>,
): Check {
  const run = async (t: CheckContext) => {
    const both = await two(t, forA, forB)
    await withPeers(t, [both.a, both.b], () => work(t, both))
  }
  return check(requirement, title, run, { ...options, peers: true })
}
