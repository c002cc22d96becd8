import { createHash } from 'node:crypto'
import type { RunResult } from '../../engine/result.ts'
import { causesOf, undecidedOf } from '../../engine/fault-group.ts'
import { Markup, markup } from '../markup.ts'
import { capabilityTable } from './capability-table.ts'
import { chapterList } from './chapter.ts'
import { faultList, undecidedList, warningList } from './fault.ts'
import { pageScript } from './script.ts'
import { pageStyle } from './style.ts'
import { factsOf, summaryOf } from './summary.ts'

/** The result as one HTML file that needs nothing else: it loads nothing, and reads without its script. */
export function htmlReport(result: RunResult): string {
  const causes = causesOf(result)
  const warnings = result.checks.filter(({ verdict }) => verdict === 'warn')
  const shown = new Set([...causes.map(({ check }) => check.id), ...warnings.map(({ id }) => id)])
  const style = pageStyle()
  const policy = `default-src 'none'; style-src '${hashOf(style)}'; script-src '${hashOf(pageScript)}'; img-src data:; base-uri 'none'; form-action 'none'`
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${`${result.verdict}: ${result.target.url} · Parley conformance`}</title>
<link rel="icon" href="data:,">
<style>${new Markup(style)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the verdict</a>
<header><span>Parley conformance report</span><button type="button" class="theme needs-script">Theme: auto</button></header>
<main id="main">
${summaryOf(result, causes)}
${faultList(causes)}
${warningList(warnings)}
${undecidedList(undecidedOf(result))}
${chapterList(result, shown)}
${capabilityTable(result)}
${factsOf(result)}
</main>
<footer>Written by ${result.kit.name} ${result.kit.version}. Secrets were taken out of every frame before it was written here.</footer>
<script>${new Markup(pageScript)}</script>
</body>
</html>
`.text
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}
