import type { CheckResult } from '../../engine/result.ts'
import { onOneLine } from '../../observer/clip.ts'
import { markup, type Markup } from '../markup.ts'

type Entry = NonNullable<CheckResult['transcript']>[number]

/** Endpoints beside which the server's lifeline still has room; more are shown as a list. */
const mostLanes = 6

/** Characters of a label; the frame itself opens below it. */
const labelCharacters = 36

/**
 * The frames of a check as a sequence diagram: a lifeline for each endpoint of the kit, the server's among them, an arrow for each frame.
 * Each row opens and shows the frame.
 *
 * @param began - When the check's first frame went over the wire, in milliseconds of the run.
 */
export function sequenceDiagram(transcript: readonly Entry[], began = transcript[0]?.at ?? 0): Markup {
  const endpoints = [...new Set(transcript.map(({ endpoint }) => endpoint))].sort(byName)
  const server = Math.ceil(endpoints.length / 2)
  const lanes = [...endpoints.slice(0, server), undefined, ...endpoints.slice(server)]
  const asList = endpoints.length > mostLanes
  const rows = transcript.map((entry) => {
    const place = asList ? 'list' : placeOf(entry, lanes)
    return markup`<li${entry.decisive === true && markup` class="decisive"`}><details class="frame"><summary><span class="time">+${elapsed(entry.at - began)}</span><span class="said"> ms, ${spoken(entry)}</span><span class="lane ${place}" aria-hidden="true">${drawn(entry, asList)}</span></summary>${frame(entry)}</details></li>`
  })
  const heads = lanes.map(
    (endpoint) =>
      markup`<span class="${endpoint === undefined ? 'server' : 'kit'}">${endpoint ?? 'Server'}</span>`,
  )
  return markup`<div class="sequence ${asList ? 'as-list' : `lanes-${lanes.length}`}" tabindex="0" role="group" aria-label="Frames as a sequence diagram">
${!asList && markup`<div class="heads" aria-hidden="true"><span class="time">ms</span><span class="lane">${heads}</span></div>`}<ol>${rows}</ol></div>
<p class="hint">${asList ? '' : 'A, B, … are the clients that the kit played. '}Each row opens and shows the whole frame.${transcript.some(({ decisive }) => decisive) && ' The marked rows show the failure.'}</p>`
}

/** Rules that put the arrows of a diagram between its lifelines, for every number of lanes. */
export function sequenceStyle(): string {
  const rules: string[] = []
  for (let endpoints = 1; endpoints <= mostLanes; endpoints += 1) {
    const server = Math.ceil(endpoints / 2)
    const lanes = endpoints + 1
    rules.push(`.lanes-${String(lanes)}{--lanes:${String(lanes)}}`)
    for (let lane = 0; lane < lanes; lane += 1) {
      if (lane === server) continue
      const [from, to] = lane < server ? [lane, server] : [server, lane]
      // Two columns a lane: arrows begin and end in its middle.
      rules.push(
        `.arrow-${String(lanes)}-${String(lane)}>*{grid-column:${String(2 * from + 2)}/${String(2 * to + 2)}}`,
        `.event-${String(lanes)}-${String(lane)}>*{grid-column:${String(2 * lane + 1)}/span 2}`,
      )
    }
  }
  return rules.join('\n')
}

function byName(one: string, other: string): number {
  return one.length - other.length || (one < other ? -1 : 1)
}

function placeOf({ endpoint, direction }: Entry, lanes: readonly (string | undefined)[]): string {
  const lane = lanes.indexOf(endpoint)
  const place = `${String(lanes.length)}-${String(lane)}`
  if (direction === 'event') return `event event-${place}`
  const toRight = (direction === 'sent') === lane < lanes.indexOf(undefined)
  return `arrow-${place} ${direction} ${toRight ? 'right' : 'left'}`
}

function drawn({ endpoint, direction, text }: Entry, asList: boolean): Markup {
  if (!asList)
    return direction === 'event'
      ? markup`<span>${eventOf(text)}</span>`
      : markup`<span><i>${labelOf(text)}</i></span>`
  const arrow = { sent: '→ server', received: '← server', event: '·' }[direction]
  return markup`<b>${endpoint}</b> ${arrow} <span>${direction === 'event' ? text : labelOf(text)}</span>`
}

function elapsed(ms: number): string {
  return ms < 1000 ? ms.toFixed(1) : ms.toFixed(0)
}

/** An event in few words: `connection closed by the kit: close code 1000` is closed by the kit; the row opens for the rest. */
function eventOf(text: string): string {
  return text.replace(/^connection /, '').replace(/:.*$/s, '')
}

function spoken({ endpoint, direction, text, decisive }: Entry): string {
  const said = direction === 'event' ? `: ${text}` : ` ${direction} ${labelOf(text)}`
  return `${endpoint}${said}${decisive === true ? ' (shows the failure)' : ''}`
}

/** The type of a message, and the code of an error; the beginning of a text that is none. */
function labelOf(text: string): string {
  const type = /^\s*\{[^]*?"type"\s*:\s*"([^"\\]{1,40})"/.exec(text)?.[1]
  const code = type === 'error' ? /"code"\s*:\s*"([^"\\]{1,40})"/.exec(text)?.[1] : undefined
  const label = code !== undefined && type !== undefined ? `${type} ${code}` : (type ?? onOneLine(text))
  return label.length > labelCharacters ? `${label.slice(0, labelCharacters)}…` : label
}

function frame({ at, text }: Entry): Markup {
  return markup`<pre>${laidOut(text)}</pre><p class="hint">${at.toFixed(3)} ms after the run began</p>`
}

/** JSON on several lines, where nothing is lost by that: white space, double names or unusual numbers stay as they were sent, on one. */
function laidOut(text: string): string {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && JSON.stringify(value) === text
      ? JSON.stringify(value, null, 2)
      : onOneLine(text)
  } catch {
    return onOneLine(text)
  }
}
