import type { CheckResult } from '../../engine/result.ts'
import { legs } from '../../engine/result.ts'
import { markup, type Markup } from '../markup.ts'
import { serverWords } from '../server-words.ts'
import { plural } from '../words.ts'
import { sequenceDiagram } from './sequence.ts'
import { prose } from './text.ts'

/** What was seen and what the specification asks for: the heart of a failure. */
export function findings(check: CheckResult): Markup {
  const { expected, actual, reason, statement, level, location, leg } = check
  const words = serverWords(check)
  const said = words !== undefined && markup`<dt>In the server’s own words</dt><dd>${words}</dd>`
  const seen =
    expected === undefined
      ? reason !== undefined && markup`<dt>Why</dt><dd>${reason}</dd>`
      : markup`<dt>What the server did</dt><dd class="actual">${actual}</dd>${said}<dt>What was expected</dt><dd>${expected}</dd>`
  const rule =
    statement !== undefined &&
    markup`<dt>What to change: the server has to keep this rule <span class="level">${level}</span></dt><dd>${prose(statement)} <cite>${location}</cite></dd>`
  const where = leg !== undefined && markup`<dt>Where the call failed</dt><dd>${leg}: ${legs[leg]}</dd>`
  return markup`<dl class="findings">${seen}${where}${rule}</dl>`
}

/** Frames that a glance takes in. */
const fewFrames = 6

/** The frames that show a failure, where they would be hard to find among all others. */
export function tellingFrames({ transcript = [] }: CheckResult): Markup | undefined {
  const telling = transcript.flatMap(({ decisive, ...entry }) => (decisive === true ? [entry] : []))
  if (telling.length === 0 || telling.length > fewFrames || transcript.length <= fewFrames) return undefined
  return markup`<h4>The frames that show it</h4>${sequenceDiagram(telling, transcript[0]?.at)}`
}

/** What a finding rests on: facts, the frames of both sides, and how to see it again. */
export function proof({ evidence = [], transcript = [], replay, attempts, durationMs }: CheckResult): Markup {
  const facts =
    evidence.length > 0 &&
    markup`<h4>Evidence</h4><ul class="evidence">${evidence.map((fact) => markup`<li>${fact}</li>`)}</ul>`
  const frames =
    transcript.length > 0 &&
    markup`<h4>What both sides said <span class="quiet">(${plural(transcript.length, 'line')})</span></h4>${sequenceDiagram(transcript)}`
  const again =
    replay !== undefined &&
    markup`<h4>See it again</h4><div class="replay"><pre tabindex="0">${replay}</pre></div>`
  return markup`${facts}${frames}${again}<p class="hint">Took ${durationMs} ms${attempts > 1 && `, in ${String(attempts)} attempts`}.</p>`
}
