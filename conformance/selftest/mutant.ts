import type { ServerRequirementId } from '@parley/conformance'
import type { Seams, ServerOptions } from '@parley/reference-server'
import { startReferenceServer, type RunningServer } from './running-server.ts'
import { startMiddleman, type MiddlemanRules } from './middleman.ts'

/** The ways in which faults are made. */
export const ways = {
  server: 'a part of the reference server replaced: a handler, a port, an option, the clock',
  middleman: 'a man in the middle between the kit and the reference server',
  miniature: 'the text of the minimal server edited, as a slip of its author',
} as const

/** A way in which a fault is made. */
export type Way = keyof typeof ways

/** A server with exactly one fault. */
export interface Mutant {
  /** What is broken, as a short phrase: `drops the second candidate`. Unique. */
  readonly name: string
  /** The requirement that it breaks: a check of that requirement has to fail. */
  readonly breaks: ServerRequirementId
  readonly way: Way
  /**
   * What the message of a killer has to say. Absent, it has to be the message that the kill table publishes; given where that differs from run
   * to run.
   */
  readonly says?: RegExp
  /** Checks that find it in some runs and not in others, as the frames of a run fall; they do not count. */
  readonly sometimes?: readonly string[]
  /** Requirements that are broken too as a consequence, each with the reason; their checks may fail as well. */
  readonly consequences?: Readonly<Partial<Record<ServerRequirementId, string>>>
  /** Needs real peers to be seen. */
  readonly peers?: boolean
  /** Is seen only while the server drains. */
  readonly drains?: boolean
  /** Is seen only with `--exhaustive`, by the checks of its requirement alone: too slow for the list of every run. */
  readonly slow?: boolean
  /** Ids of the checks that hunt it, separated by commas, where the whole kit would take long or come to nothing. */
  readonly only?: string
  /**
   * The check, or requirement, whose frames provoke the fault where those of the broken requirement do not. Without it such a mutant is hunted
   * with the whole kit, which takes a hundred times as long.
   */
  readonly provokedBy?: string
  /** Starts the faulty server. */
  readonly start: () => Promise<RunningServer>
}

/** The faults of one chapter. */
export type Mutants = readonly Mutant[]

/** What a mutant says besides its fault. */
export interface MutantOptions extends Pick<
  Mutant,
  'consequences' | 'drains' | 'only' | 'peers' | 'provokedBy' | 'says' | 'slow' | 'sometimes'
> {
  /** Options of the server behind a man in the middle. */
  readonly server?: ServerOptions
  /** Replaced parts of that server, made anew for each start. */
  readonly seams?: () => Seams
}

/** What goes along with a refusal as `bad-message` of a message that keeps its schema. */
export const refusedAsBad = {
  'frames.good-shape': 'what its schema accepts is refused as bad-message',
} as const satisfies Mutant['consequences']

/**
 * A fault made by a man in the middle between the kit and the reference server.
 *
 * @param rules - Makes the rules anew for each start, so that they can count.
 */
export function tampered(
  name: string,
  breaks: ServerRequirementId,
  rules: () => MiddlemanRules,
  options: MutantOptions = {},
): Mutant {
  const { server: serverOptions, seams, ...rest } = options
  return {
    name,
    breaks,
    way: 'middleman',
    ...rest,
    start: async () => {
      const server = await startReferenceServer(serverOptions, seams?.())
      const middleman = await startMiddleman(server.url, rules())
      return {
        url: middleman.url,
        tokens: server.tokens,
        ...(server.drain ? { drain: server.drain } : {}),
        [Symbol.asyncDispose]: async () => {
          await middleman[Symbol.asyncDispose]()
          await server[Symbol.asyncDispose]()
        },
      }
    },
  }
}

/** A fault made in the reference server itself: a handler, port or option replaced. */
export function altered(
  name: string,
  breaks: ServerRequirementId,
  start: () => Promise<RunningServer>,
  options: MutantOptions = {},
): Mutant {
  return { name, breaks, way: 'server', ...options, start }
}
