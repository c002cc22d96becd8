import { Type, type Static } from '@sinclair/typebox'
import { checkVerdicts, runVerdicts, type CheckVerdict } from './verdict.ts'

/**
 * Version of the result's format: grows when a reader of the older one could misread it. A member that comes later within a version is optional,
 * so that results of earlier kits can still be compared.
 */
export const resultFormat = 1

const checkVerdictNames = Object.keys(checkVerdicts) as CheckVerdict[]

/** The parts of a call that can fail one by one, in the order in which a call needs them. */
export const legs = {
  signaling: 'a message did not arrive, or was changed on its way',
  'peer-library': "the kit's own WebRTC library broke",
  turn: 'the TURN server gave no relay',
  ice: 'no candidate pair connected',
  dtls: 'candidates connected, but the secure channel was not made',
  media: 'the connection was made, but data or media did not flow',
} as const

/** One part of a call. */
export type Leg = keyof typeof legs

const legNames = Object.keys(legs) as Leg[]

const TranscriptEntrySchema = Type.Object(
  {
    at: Type.Number({ description: 'Milliseconds since the run began.' }),
    endpoint: Type.String({
      description: "The kit's endpoint: A, B, … in the order in which the check opened them.",
    }),
    direction: Type.Union([Type.Literal('sent'), Type.Literal('received'), Type.Literal('event')], {
      description: 'sent by the kit, received from the server, or an event of the connection.',
    }),
    text: Type.String({
      description: "The frame's text, shortened and without secrets, or the event in words.",
    }),
    decisive: Type.Optional(
      Type.Boolean({ description: 'Shows the failure: the frame that it is about, or the answer to it.' }),
    ),
  },
  { description: 'One frame or event as one endpoint of the kit saw it.' },
)

const CheckResultSchema = Type.Object(
  {
    id: Type.String({ description: 'Id of the check; stable across releases.' }),
    requirement: Type.String({ description: 'Id of the requirement that it judges.' }),
    chapter: Type.String({
      description: 'Chapter of the specification, or end-to-end for a check with real peers.',
    }),
    capability: Type.Optional(
      Type.String({ description: 'The capability that it is about; absent for a check of Core.' }),
    ),
    level: Type.String({ description: 'BCP 14 key word of the requirement.' }),
    title: Type.String({ description: 'What was looked at.' }),
    verdict: Type.Union(
      checkVerdictNames.map((name) => Type.Literal(name, { description: checkVerdicts[name] })),
      { description: 'What came of it.' },
    ),
    durationMs: Type.Integer({ minimum: 0, description: 'Milliseconds that the check took.' }),
    attempts: Type.Integer({
      minimum: 1,
      description:
        'Times it was run; more than 1 only where the first said little of the server, 3 only where the server fell silent in the second.',
    }),
    reason: Type.Optional(
      Type.String({ description: 'Why the verdict is what it is; absent for a plain pass.' }),
    ),
    expected: Type.Optional(Type.String({ description: 'Of a failure: what the requirement asks for.' })),
    actual: Type.Optional(Type.String({ description: 'Of a failure: what was seen.' })),
    statement: Type.Optional(Type.String({ description: "The requirement's sentence." })),
    location: Type.Optional(Type.String({ description: 'Where the sentence stands: file and anchor.' })),
    transcript: Type.Optional(
      Type.Array(TranscriptEntrySchema, {
        description: 'The last frames of each endpoint, in order of time.',
      }),
    ),
    leg: Type.Optional(
      Type.Union(
        legNames.map((name) => Type.Literal(name, { description: legs[name] })),
        { description: 'Of a check with real peers that did not pass: which part of the call failed.' },
      ),
    ),
    causedBy: Type.Optional(
      Type.String({
        description:
          'Id of the failed check that names the fault of which this failure is most likely a consequence, or for which this check could not run.',
      }),
    ),
    evidence: Type.Optional(
      Type.Array(Type.String(), {
        description: 'Facts that the verdict rests on, such as the selected candidate pair.',
      }),
    ),
    replay: Type.Optional(Type.String({ description: 'Command that runs this check alone.' })),
  },
  { description: 'Result of one check.' },
)

const PhaseSchema = Type.Object(
  {
    name: Type.String({
      description:
        'preflight, alone, ordinary, hostile, asked again alone, asked again, still there, draining or in hindsight.',
    }),
    checks: Type.Integer({ minimum: 0, description: 'Checks that ran in it.' }),
    durationMs: Type.Integer({ minimum: 0, description: 'Milliseconds that it took.' }),
  },
  { description: 'One part of a run; within it checks run at the same time.' },
)

const count = (name: CheckVerdict) =>
  [name, Type.Integer({ minimum: 0, description: checkVerdicts[name] })] as const

const TallySchema = Type.Object(
  {
    total: Type.Integer({ minimum: 0, description: 'Checks that were selected.' }),
    ...(Object.fromEntries(checkVerdictNames.map(count)) as Record<
      CheckVerdict,
      ReturnType<typeof count>[1]
    >),
  },
  { description: 'Number of checks by verdict.' },
)

const CapabilityResultSchema = Type.Object(
  {
    name: Type.String({ description: 'Name of a capability of the specification.' }),
    offered: Type.Boolean({ description: 'Whether welcome named it to a hello that named all of them.' }),
    problem: Type.Optional(Type.String({ description: 'Why it could not be asked whether it is offered.' })),
    summary: TallySchema,
  },
  { description: 'What came of the checks of one capability.' },
)

const SelectionSchema = Type.Object(
  {
    complete: Type.Boolean({ description: 'Whether every check of the profile was selected.' }),
    checks: Type.Array(Type.String(), { description: 'Ids that the user gave.' }),
    capabilities: Type.Optional(
      Type.Array(Type.String(), { description: 'Capabilities whose checks alone the user asked for.' }),
    ),
    filter: Type.Optional(Type.String()),
    exhaustive: Type.Boolean({ description: 'Whether costly checks looked, too.' }),
    drains: Type.Optional(
      Type.Boolean({ description: 'Whether the server was made to drain; absent where it was not.' }),
    ),
    peers: Type.String({ description: 'Peer implementation: none or wrtc.' }),
  },
  { description: 'What was chosen to run.' },
)

const checkIds = (description: string) => Type.Array(Type.String(), { description })

const ExpectationSchema = Type.Object(
  {
    known: Type.Array(Type.Object({ check: Type.String(), verdict: Type.String(), reason: Type.String() }), {
      description: 'Checks that came out as the file of known failures says.',
    }),
    newFailures: checkIds('Checks that failed, and are not listed as failing.'),
    newPasses: checkIds('Checks that are listed, and do not fail any more.'),
    undecided: checkIds('Checks that came to no judgement, and are not listed so.'),
    notRun: checkIds('Checks that are listed, and were not selected.'),
  },
  { description: 'With --expect: how the run compares with the known failures.' },
)

/** Schema of a run's result, from which the types and the published JSON Schema are made. */
export const RunResultSchema = Type.Object(
  {
    format: Type.Literal(resultFormat, { description: 'Version of this format.' }),
    target: Type.Object({
      url: Type.String({ description: 'Where the server listens.' }),
      proxy: Type.Optional(Type.String({ description: 'The proxy that connections went through.' })),
      agent: Type.Optional(
        Type.Object(
          { name: Type.String(), version: Type.String() },
          { description: 'What the server calls itself.' },
        ),
      ),
    }),
    kit: Type.Object({ name: Type.String(), version: Type.String() }),
    spec: Type.Object({
      version: Type.Integer({ description: 'Revision of the protocol.' }),
      requirements: Type.Integer({ description: 'Requirements of that revision.' }),
    }),
    capabilities: Type.Array(Type.String(), {
      description:
        'Capabilities of the specification that the server offers; Core needs none. The first kits asked for none.',
    }),
    capabilityResults: Type.Optional(
      Type.Array(CapabilityResultSchema, {
        description: 'Every capability of the specification; the first kits did not write it.',
      }),
    ),
    limits: Type.Record(Type.String(), Type.Unknown(), { description: 'What welcome announced.' }),
    auth: Type.Array(Type.String(), { description: 'Methods that welcome lists.' }),
    roundTripMs: Type.Number({ minimum: 0, description: 'Median round trip in milliseconds.' }),
    seed: Type.String({ description: 'Repeats names and payloads.' }),
    startedAt: Type.String({ description: 'ISO 8601.' }),
    durationMs: Type.Integer({ minimum: 0, description: 'Milliseconds that the run took.' }),
    phases: Type.Optional(
      Type.Array(PhaseSchema, {
        description: 'Parts of the run that took time, in order; the first kits did not write it.',
      }),
    ),
    selection: SelectionSchema,
    verdict: Type.Union(
      (Object.keys(runVerdicts) as (keyof typeof runVerdicts)[]).map((name) =>
        Type.Literal(name, { description: runVerdicts[name] }),
      ),
      { description: 'Verdict of the run.' },
    ),
    reason: Type.Optional(
      Type.String({ description: 'Why the verdict is no better; absent when conformant.' }),
    ),
    summary: TallySchema,
    expectation: Type.Optional(ExpectationSchema),
    checks: Type.Array(CheckResultSchema, { description: 'In the order of the chapters.' }),
  },
  {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'https://parley-protocol.org/schemas/conformance/1/result.schema.json',
    title: 'Parley conformance result',
    description: 'What a run of the conformance kit found; the source of every report.',
  },
)

/** Result of one check. @interface */
export type CheckResult = Readonly<Static<typeof CheckResultSchema>>

/** What came of the checks of one capability. @interface */
export type CapabilityResult = Readonly<Static<typeof CapabilityResultSchema>>

/** One part of a run. @interface */
export type Phase = Readonly<Static<typeof PhaseSchema>>

/** What was chosen to run. @interface */
export type Selection = Readonly<Static<typeof SelectionSchema>>

/** Result of a whole run: the one source of every report. @interface */
export type RunResult = Readonly<Static<typeof RunResultSchema>>
