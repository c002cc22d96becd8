import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { expectAllRefused, refusedMessage } from '../scene/answer.ts'
import { carry, type Letter } from '../scene/carriage.ts'
import { sampleOf } from '../scene/client-sample.ts'
import { missingFrom } from '../scene/json-value.ts'
import { expectAccepted } from '../scene/refusal.ts'

/** The same object with one name in another case. */
function renamed(object: Wire, name: string, other: string): Wire {
  return Object.fromEntries(
    Object.entries(object).map(([each, value]) => [each === name ? other : each, value]),
  )
}

/** Values that the members which they are taken for may not have. */
const decoys = {
  candidate: {
    Candidate: 7,
    CANDIDATE: 'decoy',
    SDPMID: 7,
    SdpMid: 'decoy',
    sdpMlineIndex: -1,
    UsernameFragment: '',
  },
  agent: { Name: 7, VERSION: null },
}

/** Names inside of `candidate` and `agent` are what they are: in another case they are members that nobody knows. */
export async function keepsNestedNamesApart(t: CheckContext): Promise<void> {
  const way = await t.pair()
  const { room, a, b } = way
  const sample = (call: string) =>
    sampleOf('candidate', { room, to: b.peer, call, token: '' }) as unknown as Wire & { candidate: Wire }
  await expectAllRefused(
    a,
    (
      [
        ['candidate', 'Candidate'],
        ['candidate', 'CANDIDATE'],
        ['usernameFragment', 'UsernameFragment'],
        ['usernameFragment', 'usernamefragment'],
      ] as const
    ).map(([name, other]) => {
      const message = sample(t.callId())
      const candidate = renamed(message.candidate, name, other)
      const what = `a candidate with ${other} in the place of candidate.${name}`
      return refusedMessage(a, what, ['bad-message'], { ...message, candidate })
    }),
  )
  const hello = sampleOf('hello', { room, to: '', call: '', token: '' }) as unknown as Wire & { agent: Wire }
  for (const [name, other] of [
    ['name', 'Name'],
    ['version', 'VERSION'],
  ] as const) {
    const c = await t.open()
    const what = `a hello with ${other} in the place of agent.${name}`
    const message = { ...hello, agent: renamed(hello.agent, name, other) }
    await expectAllRefused(c, [refusedMessage(c, what, ['bad-message', 'hello-required'], message)])
  }
  await carriesDecoys(t, way, sample)
  const c = await t.open()
  const agent = { ...hello.agent, ...decoys.agent } as unknown as Wire & { name: string; version: string }
  const pending = c.post({ type: 'hello', versions: [1], agent })
  await expectAccepted(pending, 'welcome', 'a hello with Name and VERSION beside the members of agent')
}

/** Beside the members that they look like, and in front of them, they change nothing, and arrive. */
async function carriesDecoys(
  t: CheckContext,
  way: Awaited<ReturnType<CheckContext['pair']>>,
  sample: (call: string) => Wire & { readonly candidate: Wire },
): Promise<void> {
  const letters = [
    (own: Wire) => ({ ...own, ...decoys.candidate }),
    (own: Wire) => ({ ...decoys.candidate, ...own }),
  ].map((join): Letter => {
    return (call) => {
      const message = sample(call)
      return JSON.stringify({ ...message, candidate: join(message.candidate) })
    }
  })
  const what = 'with members of candidate whose names differ in case from those it knows'
  for (const { sent, arrived } of await carry(t, way, letters, what)) {
    const difference = missingFrom({ candidate: sent['candidate'] }, arrived.message)
    if (difference !== undefined) throw new CheckFailure('members of candidate as they were sent', difference)
  }
}
