import type { Table } from '../spec/table.ts'
import { transitionsOf, type MachineFile } from './format.ts'

/** The diagram of a machine in the language of Mermaid: events that lead from one state to another, those that change nothing left out. */
export function diagramOf(machine: MachineFile): string {
  const edges = new Map<string, Set<string>>()
  for (const { state, event, transition } of transitionsOf(machine)) {
    const { target, guard } = transition
    if (target === undefined || target === state) continue
    const edge = `${state} --> ${target}`
    const words = event === '*' ? 'any other' : event
    edges.set(edge, (edges.get(edge) ?? new Set()).add(guard === undefined ? words : `${words} [${guard}]`))
  }
  const finals = Object.entries(machine.states).filter(([, { type }]) => type === 'final')
  return [
    '```mermaid',
    'stateDiagram-v2',
    `  [*] --> ${machine.initial}`,
    ...[...edges].map(([edge, events]) => `  ${edge}: ${[...events].join(', ')}`),
    ...finals.map(([state]) => `  ${state} --> [*]`),
    '```',
  ].join('\n')
}

/** All transitions of a machine, as a table. */
export function tableOf(machine: MachineFile): Table {
  return {
    head: ['state', 'event', 'caused by', 'when', 'leads to', 'outcome', 'requirements'],
    rows: transitionsOf(machine).map(({ state, event, transition: { target, guard, description, meta } }) => [
      `\`${state}\``,
      event === '*' ? 'any other' : `\`${event}\``,
      meta.by,
      [guard === undefined ? [] : `\`${guard}\``, description ?? []].flat().join(': '),
      target === undefined ? '' : `\`${target}\``,
      (meta.answer ?? '')
        .split('|')
        .filter((answer) => answer !== '')
        .map((answer) => `\`${answer.replace('error:', '')}\``)
        .join(' or '),
      meta.requirements.map((id) => `[${id}]`).join(' '),
    ]),
  }
}

/** What the guards of a machine mean, and its states, as a table. */
export function wordsOf({ states, meta: { guards = {} } }: MachineFile): Table {
  const rows = (entries: readonly (readonly [string, string])[], kind: string) =>
    entries.map(([name, text]) => [kind, `\`${name}\``, text])
  return {
    head: ['', 'name', 'meaning'],
    rows: [
      ...rows(
        Object.entries(states).map(([name, { description }]) => [name, description] as const),
        'state',
      ),
      ...rows(Object.entries(guards), 'guard'),
    ],
  }
}
