import type { TranscriptEntry } from '../endpoint/transcript.ts'
import { stopped } from './blame/death.ts'
import type { Suspect } from './blame/suspect.ts'
import { askedInVain } from './vigil.ts'

/** How a server came to its end, or fell silent, during a run. */
export interface Downfall {
  /** What was seen, with the frame that most likely did it. */
  readonly words: string
  /** What else may have done it. */
  readonly evidence: readonly string[]
  /** What the check saw that sent the frame. */
  readonly transcript: readonly TranscriptEntry[]
  /** Text of that frame. */
  readonly frame: string | undefined
}

/** Reason of an interruption: the server answers nobody; whether it ever does again is not known then. */
export class Silence extends Error {
  override name = 'Silence'

  constructor() {
    super('The server answered nobody for too long (see frames.others-unharmed:outlives, if that fails)')
  }
}

/** Checks whose frames are named as those that may have done it. */
const namedChecks = 5

/** Frames of each that are named. */
const namedFrames = 12

/** Characters of a frame that are shown in a sentence, and in a list. */
const [shownCharacters, listedCharacters] = [160, 100]

/** Frames of a suspect's check that are shown up to it, and after it. */
const framesAround = 6

/** A silence that did not end when everybody had left. */
export interface LastingSilence {
  /** Milliseconds since the server was heard last. */
  readonly lastedMs: number
  /** When that was, in milliseconds of `performance.now()`. */
  readonly heardAt: number
  /** Check that was alone with the server when it fell silent again, having answered in between. */
  readonly again: string | undefined
}

/** Tells of a server that answers nobody any more. */
export function silenceOf(
  { lastedMs, again }: LastingSilence,
  suspects: readonly Suspect[],
  view: View,
): Downfall {
  const seconds = (lastedMs / 1000).toFixed(1)
  const unanswered = `nothing came on any connection for ${seconds} s, and at least ${String(askedInVain)} new clients in a row got no answer`
  const words =
    again === undefined
      ? `it answers nobody any more: ${unanswered}, the last of them when all others had left`
      : `it fell silent for everybody, and twice more when ${again} was run again alone: ${unanswered}`
  return tell(words, 'it fell silent', suspects, view)
}

/** Tells of a server that has stopped. */
export function stopOf(suspects: readonly Suspect[], view: View): Downfall {
  return tell(`${stopped}: it stopped during the run`, 'it stopped', suspects, view)
}

/** What a check has seen, by its id. */
type View = (check: string) => readonly TranscriptEntry[]

function tell(words: string, what: string, suspects: readonly Suspect[], view: View): Downfall {
  const [first] = suspects
  if (!first) return { words, evidence: [], transcript: [], frame: undefined }
  const { check, frame } = first
  const byCheck = new Map<string, string[]>()
  for (const each of suspects.filter(({ unusual }) => unusual === first.unusual))
    byCheck.set(each.check, [...(byCheck.get(each.check) ?? []), shown(each.frame.text, listedCharacters)])
  const others = (byCheck.get(check)?.length ?? 1) - 1
  const after = others > 0 ? `, or one of the ${String(others)} frames after it` : ''
  const why = first.unusual ? 'most likely because of what' : 'after ordinary frames, the first of which'
  const all = view(check)
  const place = all.indexOf(frame)
  return {
    words: `${words}, ${why} ${check} had sent: ${shown(frame.text, shownCharacters)}${after}`,
    evidence: [...byCheck]
      .slice(0, namedChecks)
      .map(
        ([id, frames]) => `sent by ${id} shortly before ${what}: ${frames.slice(0, namedFrames).join(' · ')}`,
      ),
    transcript: all.slice(Math.max(0, place - framesAround), place + framesAround),
    frame: frame.text,
  }
}

function shown(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}… (${String(text.length)} characters)`
}
