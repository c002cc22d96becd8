import { runConformance } from '@parley/conformance'
import { machines, transitionsOf, type MachineName, type StateOf } from '@parley/schemas'
import { expect, test } from 'vitest'
import { startMiddleman, type Frame, type MiddlemanRules, type Passage } from './middleman.ts'
import { startReferenceServer } from './running-server.ts'

type ClientMachine = Extract<MachineName, 'calling' | 'rung'>

/** One call as one of its parties sees it, as far as it goes by the machine. */
interface View {
  readonly machine: ClientMachine
  state: StateOf<ClientMachine>
  /** Whether the party has done what no client may, or something whose outcome it does not ask for. */
  lost: boolean
}

/** Where a view goes on from is told by these alone; all else about a call does nothing to it. */
const tellsOfCall: ReadonlySet<unknown> = new Set([
  'invite',
  'ringing',
  'accept',
  'reject',
  'cancel',
  'call-ended',
  'hangup',
  'offer',
])

/** What crosses the outcome that a party waits for is a matter of chance; outcomes themselves always come. */
const isChance = /: (?!ok )\S+ in (inviting|cancelling|accepting)$/

/** How long a frame of the server is on its way, in milliseconds, so that some cross. */
const wayMs = 20

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Follows each call of each connection through the machines of its parties. */
class Follower {
  readonly taken = new Set<string>()
  readonly wrong: string[] = []

  rules(): MiddlemanRules {
    return {
      toServer: (frame, passage) => {
        this.#sent(frame, passage)
        return true
      },
      toClient: async (frame, passage) => {
        await pause(wayMs)
        this.#come(frame, passage)
        return true
      },
      onClientEnd: (passage) => {
        for (const view of viewsOf(passage).values()) this.#take(view, 'connection-end')
        return true
      },
    }
  }

  #sent({ type, id, call, room }: Frame, passage: Passage): void {
    if (typeof call !== 'string' || room !== undefined) return
    const views = viewsOf(passage)
    const event = `${String(type)}-sent`
    if (type === 'invite') {
      const known = views.get(call)
      if (known) known.lost = true
      else if (typeof id === 'string') views.set(call, { machine: 'calling', state: 'none', lost: false })
    }
    const view = views.get(call)
    if (!view || !tellsOfCall.has(type) || type === 'offer') return
    if (typeof id === 'string') asked(passage).set(id, { view, type })
    else if (type === 'cancel') view.lost = true
    if (!this.#take(view, event)) view.lost = true
  }

  #come({ type, ref, call, room }: Frame, passage: Passage): void {
    if (typeof ref === 'string') {
      const question = asked(passage).get(ref)
      asked(passage).delete(ref)
      // What else a party says of a call has an outcome that changes nothing.
      if (question && ['invite', 'accept', 'cancel'].includes(String(question.type)))
        this.#take(question.view, type === 'ok' ? 'ok' : 'error')
      return
    }
    if (typeof call !== 'string' || room !== undefined || !tellsOfCall.has(type)) return
    const views = viewsOf(passage)
    if (type === 'invite' && !views.has(call))
      views.set(call, { machine: 'rung', state: 'none', lost: false })
    const view = views.get(call)
    // Nothing counts any more in the last state: it was on its way.
    if (!view || view.lost || view.state === 'over' || this.#take(view, String(type))) return
    // Further ones belong to the machine of the negotiation.
    if (type === 'offer') return
    this.wrong.push(`${view.machine}: ${String(type)} in ${view.state}`)
  }

  #take(view: View, event: string): boolean {
    if (view.lost) return false
    const [transition] = transitionsOf(view.machine, view.state as never, event)
    if (!transition) return false
    this.taken.add(wayOf(view.machine, view.state, event))
    view.state = transition.target
    return true
  }
}

const wayOf = (machine: string, state: string, event: string) => `${machine}: ${event} in ${state}`

function viewsOf({ notes }: Passage): Map<string, View> {
  const views = (notes.get('views') ?? new Map()) as Map<string, View>
  notes.set('views', views)
  return views
}

function asked({ notes }: Passage): Map<string, { readonly view: View; readonly type: unknown }> {
  const questions = (notes.get('asked') ?? new Map()) as ReturnType<typeof asked>
  notes.set('asked', questions)
  return questions
}

test('the parties of calls see what their machines say, and each transition that needs no chance happens', async () => {
  const follower = new Follower()
  await using server = await startReferenceServer()
  await using middleman = await startMiddleman(server.url, follower.rules())
  const { tokens } = server
  await runConformance({ url: middleman.url, tokens, peers: 'none', capabilities: ['calls'] })
  const ways = (['calling', 'rung'] as const).flatMap((machine) =>
    Object.entries(machines[machine].states).flatMap(([state, events]) =>
      Object.keys(events).map((event) => wayOf(machine, state, event)),
    ),
  )
  expect(follower.wrong).toEqual([])
  const missed = ways.filter((way) => !follower.taken.has(way))
  expect(missed.filter((way) => !isChance.test(way))).toEqual([])
})
