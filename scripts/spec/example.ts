import type { Page } from './page.ts'
import type { Problem } from './problem.ts'

/** What an example shows: a frame of a client, of the server itself, a relayed one as it arrives, or one to be refused. */
export const directions = ['client', 'server', 'delivered', 'invalid'] as const

/** Direction of an example. */
export type Direction = (typeof directions)[number]

/** A frame. */
export type Frame = Readonly<Record<string, unknown>>

/** One example: a block that begins with ` ```json client ada `, the name of the endpoint being optional. */
export interface Example {
  readonly direction: Direction
  /** The endpoint that sends it (`client`, `invalid`) or receives it (`server`, `delivered`). */
  readonly endpoint: string | undefined
  readonly text: string
  readonly line: number
  /** The nearest heading, empty before the first. */
  readonly section: string
}

/** Decides whether a frame is a valid message of its direction; the reason if it is not. */
export interface Judge {
  client(frame: unknown): string | undefined
  server(frame: unknown): string | undefined
}

/** The examples of a page, and JSON blocks that do not say what they show. */
export function examplesOf(page: Page): { examples: Example[]; problems: Problem[] } {
  const examples: Example[] = []
  const problems: Problem[] = []
  for (const { info, line, text, heading } of page.fences) {
    const [language, word, endpoint, ...rest] = info
    if (language === undefined || !/^json/i.test(language)) continue
    const direction = directions.find((known) => known === word)
    if (language !== 'json' || direction === undefined || rest.length > 0) {
      const message = `A JSON block says what it shows: "json", one of ${directions.join(', ')}, and perhaps a name`
      problems.push({ file: page.file, line, message })
    } else {
      examples.push({ direction, endpoint, text, line, section: heading?.anchor ?? '' })
    }
  }
  return { examples, problems }
}

/** Why an example does not show what it says, or `undefined`. */
export function faultOf({ direction, text }: Example, judge: Judge): string | undefined {
  const frame = parse(text)
  if (direction === 'invalid') {
    const valid = frame !== undefined && judge.client(frame) === undefined
    return valid ? 'This frame is marked as invalid but is a valid message of a client' : undefined
  }
  if (frame === undefined) return 'This block is not one JSON object'
  if (direction === 'client') return judge.client(withoutNumbers(frame))
  const relayed = Object.hasOwn(frame, 'from')
  if (direction === 'delivered' && !relayed) return 'A delivered message has a member "from"'
  if (direction === 'server' && relayed) return 'A message with a member "from" is marked "delivered"'
  return judge.server(withoutNumbers(frame))
}

/** Where `resume` is in force the schemas describe a message without what numbers it; `ack` alone belongs to the message. */
function withoutNumbers(frame: Frame): Frame {
  const { seq, ack: _ack, ...rest } = frame
  return Number.isSafeInteger(seq) ? rest : frame
}

/** The frame of an example, or `undefined` if it is not a JSON object. */
export function parse(text: string): Frame | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Frame) : undefined
  } catch {
    return undefined
  }
}
