import { requirements } from '../generated/requirement.ts'
import { onOneLine } from '../observer/clip.ts'
import { paletteFor, type Palette } from '../report/palette.ts'
import { visible } from '../report/markup.ts'
import { plural } from '../report/words.ts'
import type { FuzzFinding, FuzzResult } from './result.ts'

/** Lines of what was said that are shown, and steps. */
const shownLines = 12
const shownSteps = 12

/** Characters of a frame that are shown. */
const shownCharacters = 300

/**
 * What a run of the fuzzer found, for people.
 *
 * @param palette - By default without colours.
 */
export function fuzzReport(result: FuzzResult, palette: Palette = paletteFor({}, true)): string {
  const { findings, frames, episodes, connections, durationMs, seed, verdict, ended, memory } = result
  const seconds = durationMs / 1000
  const what = `${plural(frames, 'frame')} in ${plural(episodes, 'episode')} on ${plural(connections, 'connection')} in ${seconds.toFixed(1)} s, seed ${seed}`
  const words = {
    clean: palette.green('Nothing was found.'),
    found: palette.red(`Found: ${plural(findings.length, 'fault')}.`),
    interrupted: 'Nothing was found until it was interrupted.',
    blocked: 'Nothing was found until it could not go on.',
  }[verdict]
  const lines = [
    ...findings.flatMap((finding, index) => ['', ...findingLines(finding, index + 1, palette)]),
    '',
    `${words} ${what}.`,
    ...(ended === undefined ? [] : [`The run ended before its time: ${visible(ended)}.`]),
    memory
      ? `Memory of the server: ${memory.bytesPerFrame.toFixed(2)} bytes a frame (± ${memory.uncertainty.toFixed(2)}), ${mebibytes(memory.first)} to ${mebibytes(memory.last)} over ${plural(memory.samples, 'sample')}${memory.grows ? '' : ': it does not grow'}.`
      : 'Memory of the server: not looked at, or too short a run to tell (--metrics).',
  ]
  return `${lines.join('\n')}\n`
}

function findingLines(
  { requirement, expected, actual, times, episode, lines, steps, stepsOfEpisode, replay }: FuzzFinding,
  number: number,
  { bold, dim }: Palette,
): string[] {
  const last = lines.slice(-shownLines)
  return [
    bold(`${String(number)}. ${requirement ?? 'memory'}: ${visible(actual)}`),
    ...sentenceOf(requirement),
    `   expected  ${visible(expected)}`,
    `   actual    ${visible(actual)}`,
    ...(times > 1 ? [`   found in ${plural(times, 'episode')}, first in episode ${String(episode)}`] : []),
    ...(last.length === 0 ? [] : ['   what was said last']),
    ...last.map(({ who, direction, text }) => dim(`     ${who} ${direction} ${shortened(text)}`)),
    ...stepLines(steps, stepsOfEpisode),
    `   replay    ${replay}`,
  ]
}

function sentenceOf(id: FuzzFinding['requirement']): string[] {
  const found = requirements.find((each) => each.id === id)
  return found ? [`   ${found.text}`, `   spec/${found.file}#${found.anchor}`] : []
}

function stepLines(steps: readonly string[], all: number): string[] {
  if (steps.length === 0) return []
  const more =
    steps.length > shownSteps ? [`     … and ${String(steps.length - shownSteps)} more (--report)`] : []
  return [
    `   the fewest steps that led there again (${String(steps.length)} of ${String(all)})`,
    ...steps.slice(0, shownSteps).map((step) => `     ${shortened(step)}`),
    ...more,
  ]
}

function shortened(text: string): string {
  const line = visible(onOneLine(text))
  return line.length <= shownCharacters ? line : `${line.slice(0, shownCharacters)}…`
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`
}
