import type { Frame, Passed } from '../middleman.ts'
import { tampered, type Mutants } from '../mutant.ts'
import { changed, holding, refusal } from '../rule.ts'

/** Members of an object under names that a reader knows, where they are written in another case. */
function folded(value: unknown, known: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null) return value
  const written = new Map(Object.entries(value))
  let isChanged = false
  for (const name of known) {
    const other = [...written.keys()].find((each) => each.toLowerCase() === name.toLowerCase())
    if (written.has(name) || other === undefined) continue
    written.set(name, written.get(other))
    written.delete(other)
    isChanged = true
  }
  // What is not written otherwise is not written anew: large numbers stay what they are.
  return isChanged ? Object.fromEntries(written) : value
}

/** Whether a hello lists a version that a reader's numbers have no room for. */
function hasVersionAbove(frame: Frame, most: number): boolean {
  const { versions } = frame
  return Array.isArray(versions) && versions.some((version) => typeof version === 'number' && version > most)
}

/** Checks that see frames of the faulty kinds: every one does, and all but the first pass. */
const someFrames = 'frames.object:throughout,connection.welcome,rooms.peer-joined,delivery.order'

/** Readers and writers of JSON that do nearly what they should. */
export const nearlyRightMutants: Mutants = [
  tampered('reads names inside of candidate in any case', 'frames.exact-names', () => ({
    toServer: changed('candidate', (frame) => {
      const candidate = folded(frame['candidate'], ['candidate', 'usernameFragment'])
      return candidate === frame['candidate'] || { ...frame, candidate }
    }),
  })),
  tampered('reads names inside of agent in any case', 'frames.exact-names', () => ({
    toServer: changed('hello', (frame) =>
      'agent' in frame ? { ...frame, agent: folded(frame['agent'], ['name', 'version']) } : true,
    ),
  })),
  tampered('refuses versions beyond 64 bits', 'versions.highest', () => ({
    toServer: changed('hello', (frame, passage) => {
      if (!hasVersionAbove(frame, 2 ** 64)) return true
      passage.toClient(refusal(frame, 'bad-message'))
      return false
    }),
  })),
  tampered(
    'dies of versions beyond 32 bits',
    'versions.highest',
    () => ({
      toServer: changed('hello', (frame, passage) => {
        if (!hasVersionAbove(frame, 2 ** 32) || hasVersionAbove(frame, 2 ** 32 + 2)) return true
        passage.end()
        return false
      }),
    }),
    { consequences: { 'versions.none-in-common': 'such a version is no other either' } },
  ),
  tampered('passes over a byte order mark', 'frames.not-object', () => ({
    toServer: (_frame, _passage, text): Passed => (text.startsWith('\ufeff') ? text.slice(1) : true),
  })),
  tampered(
    'begins its frames with a byte order mark',
    'frames.object',
    () => ({
      toClient: (_frame, _passage, text): Passed => `\ufeff${text}`,
    }),
    { only: someFrames, says: /a byte order mark \(U\+FEFF\) in front of the JSON text/ },
  ),
  tampered(
    'joins messages that follow one another to one frame',
    'frames.object',
    () => ({
      toClient: holding(
        (frame) => frame['type'] === 'welcome' || frame['type'] === 'peer-joined',
        () => 'join',
      ),
    }),
    { only: someFrames, says: /JSON texts in one frame, joined by a line feed/ },
  ),
]
