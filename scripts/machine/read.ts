import { Ajv2020 } from 'ajv/dist/2020.js'
import { MachineFile, transitionsOf } from './format.ts'

/** A machine that was read, and what is wrong with it. */
export interface ReadMachine {
  readonly machine: MachineFile | undefined
  readonly problems: readonly string[]
}

const validate = new Ajv2020({ allErrors: true, strict: true }).compile(MachineFile)

/**
 * Reads a file of `spec/machines/`.
 *
 * @param name - Its name without `.json`.
 * @param requirements - The ids that there are.
 */
export function readMachine(name: string, text: string, requirements: ReadonlySet<string>): ReadMachine {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { machine: undefined, problems: [`is no JSON: ${String(error)}`] }
  }
  if (!validate(value)) {
    const problems = (validate.errors ?? []).map(
      ({ instancePath, message }) => `${instancePath || '/'} ${message ?? ''}`,
    )
    return { machine: undefined, problems }
  }
  const machine: MachineFile = value
  const problems = [
    ...(machine.id === name ? [] : [`its id is "${machine.id}", not its name`]),
    ...targetProblems(machine),
    ...guardProblems(machine),
    ...transitionsOf(machine).flatMap(({ state, event, transition }) =>
      transition.meta.requirements
        .filter((id) => !requirements.has(id))
        .map((id) => `${state}, ${event}: no requirement has the id "${id}"`),
    ),
  ]
  return { machine, problems }
}

function targetProblems(machine: MachineFile): readonly string[] {
  const { initial, states } = machine
  const names = Object.keys(states)
  const targets = transitionsOf(machine).flatMap(({ transition: { target } }) => target ?? [])
  const reached = new Set([initial])
  // Whoever is put in while it goes on is looked at, too.
  for (const state of reached)
    for (const { state: from, transition } of transitionsOf(machine))
      if (from === state && transition.target !== undefined) reached.add(transition.target)
  return [
    ...[initial, ...targets]
      .filter((target) => !names.includes(target))
      .map((target) => `has no state "${target}"`),
    ...names.filter((state) => !reached.has(state)).map((state) => `nothing leads to state "${state}"`),
    ...Object.entries(states)
      .filter(([, { type, on }]) => (type === 'final') !== (on === undefined))
      .map(([state]) => `state "${state}" has to be final or to have transitions`),
  ]
}

function guardProblems(machine: MachineFile): readonly string[] {
  const explained = new Set(Object.keys(machine.meta.guards ?? {}))
  const used = new Set(transitionsOf(machine).flatMap(({ transition: { guard } }) => guard ?? []))
  const shadowed = Object.entries(machine.states).flatMap(([state, { on = {} }]) =>
    Object.entries(on)
      .filter(([, transitions]) => transitions.slice(0, -1).some(({ guard }) => guard === undefined))
      .map(([event]) => `${state}, ${event}: what comes after a transition without a guard is never taken`),
  )
  return [
    ...[...used].filter((guard) => !explained.has(guard)).map((guard) => `no words for the guard "${guard}"`),
    ...[...explained].filter((guard) => !used.has(guard)).map((guard) => `nothing uses the guard "${guard}"`),
    ...shadowed,
  ]
}
