/**
 * Validates every example in `spec/` against the published JSON Schemas: `tsx scripts/check-spec-examples.ts`.
 *
 * The examples of a page that name endpoints are also read as one conversation. Faults are listed, and the exit code is 1.
 */
import { readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { impossibleSteps } from './spec/conversation.ts'
import { examplesOf, faultOf } from './spec/example.ts'
import { parsePage } from './spec/page.ts'
import { describeProblem } from './spec/problem.ts'
import { createJudge } from './spec/schema-judge.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const bundle: unknown = JSON.parse(readFileSync(`${root}schemas/json/parley.schema.json`, 'utf8'))
const judge = createJudge(createRequire(`${root}conformance/package.json`), bundle)

const pages = readdirSync(`${root}spec`, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.md'))
  .map((file) => file.replaceAll('\\', '/'))
  .sort()
  .map((file) => parsePage(file, readFileSync(`${root}spec/${file}`, 'utf8')))

const read = pages.map((page) => ({ page, ...examplesOf(page) }))
const count = read.flatMap(({ examples }) => examples).length
const problems = read.flatMap(({ page: { file }, examples, problems: unmarked }) => [
  ...unmarked,
  ...examples.flatMap((example) => {
    const message = faultOf(example, judge)
    return message === undefined ? [] : [{ file, line: example.line, message }]
  }),
  ...impossibleSteps(file, examples),
])

for (const problem of problems) console.error(describeProblem(problem))
if (problems.length > 0 || count === 0) process.exitCode = 1
console.log(`${String(count)} examples in ${String(pages.length)} pages, ${String(problems.length)} faults`)
