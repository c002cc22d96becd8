import type { CheckResult } from '../engine/result.ts'

/** Characters of a server's own words that are shown. */
const mostCharacters = 200

/**
 * What the server itself wrote in the last of the errors that decide a failure, for whoever reads no frames: `message` is for people, and often
 * says why.
 */
export function serverWords({ transcript = [] }: CheckResult): string | undefined {
  const [message] = transcript
    .filter(({ decisive, direction }) => decisive === true && direction === 'received')
    .flatMap(({ text }) => errorMessageOf(text))
    .slice(-1)
  if (message === undefined || message.length <= mostCharacters) return message
  return `${message.slice(0, mostCharacters)}…`
}

function errorMessageOf(text: string): readonly string[] {
  let frame: unknown
  try {
    frame = JSON.parse(text)
  } catch {
    return []
  }
  if (typeof frame !== 'object' || frame === null || !('type' in frame) || frame.type !== 'error') return []
  return 'message' in frame && typeof frame.message === 'string' && frame.message !== ''
    ? [frame.message]
    : []
}
