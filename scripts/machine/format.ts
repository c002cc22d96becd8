import { Type, type Static } from '@sinclair/typebox'

const Text = Type.String({ minLength: 1 })
const Name = Type.String({ pattern: '^[A-Za-z][A-Za-z0-9]*$' })

/** What one event does in one state. */
const Transition = Type.Object(
  {
    target: Type.Optional(
      Type.String({ description: 'The state that follows; the same one where it is absent.' }),
    ),
    guard: Type.Optional(
      Type.String({ description: 'When it is taken: a name that `meta.guards` explains.' }),
    ),
    description: Type.Optional(Text),
    meta: Type.Object(
      {
        by: Type.Union([Type.Literal('client'), Type.Literal('server'), Type.Literal('either')], {
          description: 'Who causes the event.',
        }),
        answer: Type.Optional(
          Type.String({
            pattern: '^(error:)?[a-z-]+(\\|(error:)?[a-z-]+)*$',
            description:
              'Type of the outcome, `error:` with its code where it fails, `|` between those that are equally right.',
          }),
        ),
        requirements: Type.Array(Type.String({ pattern: '^[a-z]+\\.[a-z-]+$' }), {
          minItems: 1,
          description: 'The sentences that it stands for.',
        }),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
)

const State = Type.Object(
  {
    description: Text,
    type: Type.Optional(Type.Literal('final')),
    on: Type.Optional(
      Type.Record(
        Type.String({ pattern: '^([a-z]+([.-][a-z]+)*|\\*)$' }),
        Type.Array(Transition, { minItems: 1 }),
        {
          description:
            'Transitions by event; of several the first is taken whose guard holds. `*` is every other event.',
        },
      ),
    ),
  },
  { additionalProperties: false },
)

/** A file of `spec/machines/`: the part of the XState 5 machine configuration that the specification uses. */
export const MachineFile = Type.Object(
  {
    $schema: Type.Literal('./machine.schema.json'),
    id: Type.String({ pattern: '^[a-z]+$' }),
    description: Text,
    initial: Name,
    meta: Type.Object(
      {
        view: Type.Union([Type.Literal('server'), Type.Literal('client')], {
          description: 'Whose view it is, and who is bound by it.',
        }),
        capability: Type.Optional(
          Type.String({ description: 'The capability that it belongs to; Core where absent.' }),
        ),
        guards: Type.Optional(Type.Record(Name, Text)),
      },
      { additionalProperties: false },
    ),
    states: Type.Record(Name, State),
  },
  {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A state machine of the Parley specification',
    additionalProperties: false,
  },
)

/** A machine as its file holds it. */
export type MachineFile = Static<typeof MachineFile>
/** What one event does in one state, under one guard. */
export type MachineTransition = Static<typeof Transition>

/** Every transition of a machine with where it stands. */
export function transitionsOf({ states }: MachineFile): readonly {
  readonly state: string
  readonly event: string
  readonly transition: MachineTransition
}[] {
  return Object.entries(states).flatMap(([state, { on = {} }]) =>
    Object.entries(on).flatMap(([event, transitions]) =>
      transitions.map((transition) => ({ state, event, transition })),
    ),
  )
}
