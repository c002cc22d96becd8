import { eventsIn, refusalIn as refusalOf, type StateOf, type StateRefusal } from '@parley/schemas'
import type { Client } from './client.ts'

/** What decides in which state of the machine `connection` of the specification a client is. */
type Conversation = Pick<Client, 'phase' | 'authDue'>

const speaking = ['opening', 'unauthenticated', 'open'] as const satisfies readonly StateOf<'connection'>[]

/** What each state refuses, by type; under `*` what it does with types that it has no line for. */
const refusals: ReadonlyMap<string, ReadonlyMap<string, StateRefusal | undefined>> = new Map(
  speaking.map((state) => [
    state,
    new Map(eventsIn('connection', state).map((event) => [event, refusalOf('connection', state, event)])),
  ]),
)

/** Why a client cannot say a message of this type now, whatever the message holds; `undefined` where the state is no obstacle. */
export function refusalIn(client: Conversation, type: string): StateRefusal | undefined {
  const inState = refusals.get(stateOf(client))
  return inState?.has(type) ? inState.get(type) : inState?.get('*')
}

function stateOf({ phase, authDue }: Conversation): (typeof speaking)[number] {
  if (phase === 'opening') return 'opening'
  return authDue ? 'unauthenticated' : 'open'
}
