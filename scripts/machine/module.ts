import type { MachineFile } from './format.ts'

/** The TypeScript module by which the server and the conformance kit know the machines; not yet formatted. */
export function machineModule(machines: readonly MachineFile[]): string {
  const data = Object.fromEntries(
    machines.map(({ id, initial, meta: { view, capability }, states }) => [
      id,
      {
        initial,
        view,
        ...(capability === undefined ? {} : { capability }),
        states: Object.fromEntries(
          Object.entries(states).map(([state, { on = {} }]) => [
            state,
            Object.fromEntries(
              Object.entries(on).map(([event, transitions]) => [
                event,
                transitions.map(({ target, guard, meta }) => ({ target: target ?? state, guard, ...meta })),
              ]),
            ),
          ]),
        ),
      },
    ]),
  )
  return `// Generated from spec/machines/ by scripts/generate-spec.ts: change those, not this file.

/** The state machines of the specification: by name, state and event what follows. Of several transitions the first is taken whose guard holds. */
export const machines = ${JSON.stringify(data, undefined, 2)} as const
`
}
