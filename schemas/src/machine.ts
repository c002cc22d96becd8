import type { KnownErrorCode } from './error-code.ts'
import { machines } from './generated/machine.ts'

/** Name of a state machine of the specification. */
export type MachineName = keyof typeof machines

/** Every state of a machine with its events. */
export type StatesOf<M extends MachineName> = (typeof machines)[M]['states']

/** Name of a state of a machine. */
export type StateOf<M extends MachineName> = keyof StatesOf<M>

/** Name of an event of a machine, in whichever state. */
export type EventOf<M extends MachineName> = { [S in StateOf<M>]: keyof StatesOf<M>[S] }[StateOf<M>]

/** What distinguishes the transitions of one event: the names of their guards, and `always` for one without. */
export type CaseOf<M extends MachineName, E extends EventOf<M>> = {
  [S in StateOf<M>]: E extends keyof StatesOf<M>[S]
    ? StatesOf<M>[S][E] extends readonly (infer T)[]
      ? T extends { readonly guard: infer G extends string }
        ? G
        : 'always'
      : never
    : never
}[StateOf<M>]

/** What an event leads to in a state. */
export interface Transition<M extends MachineName = MachineName> {
  /** The state that follows. */
  readonly target: StateOf<M>
  /** When it is taken; always where it is absent. */
  readonly guard?: string
  /** Who causes the event. */
  readonly by: 'client' | 'server' | 'either'
  /** Type of the outcome, `error:` with its code where it fails; `|` between those that are equally right. */
  readonly answer?: string
  /** Ids of the requirements that it stands for. */
  readonly requirements: readonly string[]
}

/** What an event may lead to in a state, the first first; those of `*` where it has none of its own. */
export function transitionsOf<M extends MachineName>(
  machine: M,
  state: StateOf<M>,
  event: string,
): readonly Transition<M>[] {
  const states = machines[machine].states as unknown as Record<
    StateOf<M>,
    Readonly<Record<string, readonly Transition<M>[]>>
  >
  const events = states[state]
  return (Object.hasOwn(events, event) ? events[event] : events['*']) ?? []
}

/** Every state of a machine. */
export function statesOf<M extends MachineName>(machine: M): readonly StateOf<M>[] {
  return Object.keys(machines[machine].states) as unknown as StateOf<M>[]
}

/** Every event that a state has a line for. */
export function eventsIn<M extends MachineName>(machine: M, state: StateOf<M>): readonly EventOf<M>[] {
  return Object.keys(machines[machine].states[state as never]) as unknown as EventOf<M>[]
}

/** A refusal that a machine asks for whatever else is the case. */
export interface StateRefusal {
  readonly code: KnownErrorCode
  /** Whether the connection ends with it. */
  readonly ends: boolean
}

/** Why a message cannot be said in a state; `undefined` where it can, or where more than the state decides. */
export function refusalIn<M extends MachineName>(
  machine: M,
  state: StateOf<M>,
  event: string,
): StateRefusal | undefined {
  const [only, ...more] = transitionsOf(machine, state, event)
  const answer = only?.answer
  if (only === undefined || more.length > 0 || only.guard !== undefined || answer === undefined)
    return undefined
  if (!answer.startsWith('error:') || answer.includes('|')) return undefined
  const code = answer.slice('error:'.length)
  return { code: code as KnownErrorCode, ends: only.target === 'ended' && machine === 'connection' }
}
