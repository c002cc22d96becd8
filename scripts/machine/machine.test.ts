import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { createMachine, transition, type AnyStateMachine } from 'xstate'
import { transitionsOf, type MachineFile } from './format.ts'
import { diagramOf, tableOf } from './page.ts'
import { readMachine } from './read.ts'

const folder = fileURLToPath(new URL('../../spec/machines/', import.meta.url))
const files = readdirSync(folder).filter((file) => file.endsWith('.json') && file !== 'machine.schema.json')
const machines = files.map((file) => JSON.parse(readFileSync(`${folder}${file}`, 'utf8')) as MachineFile)

/** The machine as XState runs it, where exactly these guards hold. */
function running(machine: MachineFile, holding: ReadonlySet<string>): AnyStateMachine {
  const { $schema: _, ...config } = machine
  const guards = Object.fromEntries(
    Object.keys(machine.meta.guards ?? {}).map((guard) => [guard, () => holding.has(guard)]),
  )
  return createMachine(config as Parameters<typeof createMachine>[0], { guards }) as AnyStateMachine
}

describe('the machines of the specification', () => {
  it.each(machines.map((machine) => [machine.id, machine] as const))(
    '%s does in XState what its file says',
    (_, machine) => {
      for (const { state, event, transition: expected } of transitionsOf(machine)) {
        const actor = running(machine, new Set(expected.guard === undefined ? [] : [expected.guard]))
        const snapshot = actor.resolveState({ value: state, context: {} })
        const type = event === '*' ? 'anything.else' : event
        expect(transition(actor, snapshot, { type })[0].value).toBe(expected.target ?? state)
      }
    },
  )
})

const small = {
  $schema: './machine.schema.json',
  id: 'door',
  description: 'A door.',
  initial: 'shut',
  meta: { view: 'server', guards: { locked: 'It is locked.' } },
  states: {
    shut: {
      description: 'Shut.',
      on: {
        push: [
          { guard: 'locked', meta: { by: 'client', answer: 'error:forbidden', requirements: ['a.b'] } },
          { target: 'open', meta: { by: 'client', answer: 'ok', requirements: ['a.b'] } },
        ],
        '*': [{ target: 'open', meta: { by: 'client', requirements: ['a.b'] } }],
      },
    },
    open: { description: 'Open.', type: 'final' },
  },
} as const

const ids = new Set(['a.b'])
const problemsOf = (machine: object) => readMachine('door', JSON.stringify(machine), ids).problems

describe('readMachine()', () => {
  it('takes a machine that is right', () => {
    expect(problemsOf(small)).toEqual([])
  })

  it('says what is wrong', () => {
    const { states, meta } = small
    const { push } = states.shut.on
    expect(readMachine('door', '{', ids).problems.join()).toMatch('is no JSON')
    expect(problemsOf({ ...small, initial: 5 }).join()).toMatch('/initial must be string')
    expect(problemsOf({ ...small, id: 'gate' }).join()).toMatch('its id is "gate"')
    expect(problemsOf({ ...small, initial: 'ajar' }).join()).toMatch('has no state "ajar"')
    expect(readMachine('door', JSON.stringify(small), new Set()).problems.join()).toMatch(
      'no requirement has',
    )
    const unreached = { ...states, lost: { description: 'Lost.', type: 'final' } }
    expect(problemsOf({ ...small, states: unreached }).join()).toMatch('nothing leads to state "lost"')
    const stuck = { ...states, open: { description: 'Open.' } }
    expect(problemsOf({ ...small, states: stuck }).join()).toMatch('has to be final')
    const unused = { ...meta, guards: { ...meta.guards, open: 'x' } }
    expect(problemsOf({ ...small, meta: unused }).join()).toMatch('nothing uses the guard "open"')
    expect(problemsOf({ ...small, meta: { view: 'server' } }).join()).toMatch(
      'no words for the guard "locked"',
    )
    const shadowed = { shut: { ...states.shut, on: { push: [...push].reverse() } }, open: states.open }
    expect(problemsOf({ ...small, states: shadowed }).join()).toMatch('is never taken')
  })
})

describe('the pages of a machine', () => {
  it('draws what changes the state, and lists everything', () => {
    expect(diagramOf(small as unknown as MachineFile)).toBe(
      [
        '```mermaid',
        'stateDiagram-v2',
        '  [*] --> shut',
        '  shut --> open: push, any other',
        '  open --> [*]',
        '```',
      ].join('\n'),
    )
    expect(tableOf(small as unknown as MachineFile).rows).toContainEqual([
      '`shut`',
      '`push`',
      'client',
      '`locked`',
      '',
      '`forbidden`',
      '[a.b]',
    ])
  })
})
