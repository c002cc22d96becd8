import type { RunResult } from '../../engine/result.ts'
import { capabilityLines } from '../capability.ts'
import { markup, type Markup } from '../markup.ts'
import { mark } from './chapter.ts'

/** Every capability of the specification: whether the server offers it, and how its checks came out. */
export function capabilityTable(result: RunResult): Markup | undefined {
  const lines = capabilityLines(result)
  if (lines.length === 0) return undefined
  const rows = lines.map(
    ({ name, verdict, offer, passed, failed, other }) =>
      markup`<tr><th scope="row">${mark(verdict)} ${name}</th><td>${offer}</td>${[passed, failed, other].map((count) => markup`<td class="number">${count}</td>`)}</tr>`,
  )
  return markup`<section aria-labelledby="capabilities"><h2 id="capabilities">Capabilities</h2>
<p>Parts of the protocol that a server may have or not. What it offers it has to do.</p>
<table class="capabilities"><thead><tr><th scope="col">Capability</th><th scope="col">Server</th><th scope="col" class="number">passed</th><th scope="col" class="number">failed</th><th scope="col" class="number">other</th></tr></thead><tbody>${rows}</tbody></table></section>`
}
