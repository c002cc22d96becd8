/**
 * Derives from the pages in `spec/` what others read of them: `tsx scripts/generate-spec.ts [--check]`.
 *
 * Writes `spec/requirements.json`, `conformance/src/generated/requirement.ts`, `schemas/src/generated/machine.ts`, the schema of the files in
 * `spec/machines/`, and the tables and diagrams in the pages. With `--check`
 * nothing is written: files that differ are listed, and the exit code is 1. Faults in the pages end it either way.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { format, resolveConfig } from 'prettier'
import { inOrder, unlistedPages } from './spec/chapter.ts'
import { MachineFile } from './machine/format.ts'
import { machineModule } from './machine/module.ts'
import { diagramOf, tableOf, wordsOf } from './machine/page.ts'
import { readMachine } from './machine/read.ts'
import { codeTables, type Definitions } from './spec/code-table.ts'
import { deadLinks } from './spec/link.ts'
import { parsePage } from './spec/page.ts'
import { describeProblem, type Problem } from './spec/problem.ts'
import { unknownReferences } from './spec/reference.ts'
import { requirementModule } from './spec/requirement-module.ts'
import { duplicateIds, requirementsOf } from './spec/requirement.ts'
import { unexplainedRemovals } from './spec/retired.ts'
import { fillTables } from './spec/table.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const listFile = 'spec/requirements.json'
const moduleFile = 'conformance/src/generated/requirement.ts'
const machineFolder = 'spec/machines'
const machineSchema = 'machine.schema.json'
const machineModuleFile = 'schemas/src/generated/machine.ts'

// The sources, not the built package: a stale build must not decide what the pages say.
const definitions = (await import(new URL('../schemas/src/index.ts', import.meta.url).href)) as Definitions

const { check } = parseArgs({ options: { check: { type: 'boolean', default: false } } }).values

const read = (path: string) => (existsSync(`${root}${path}`) ? readFileSync(`${root}${path}`, 'utf8') : '')

async function formatted(path: string, text: string): Promise<string> {
  return format(text, { ...(await resolveConfig(`${root}${path}`)), filepath: path })
}

const problems: Problem[] = []
const generated = new Map<string, string>()
const files = readdirSync(`${root}spec`, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.md'))
  .map((file) => file.replaceAll('\\', '/'))

// The tables of the machines name requirements, and hold none.
const everyId = new Set(
  files.flatMap((file) =>
    requirementsOf(parsePage(file, read(`spec/${file}`))).requirements.map(({ id }) => id),
  ),
)
const machines = readdirSync(`${root}${machineFolder}`)
  .filter((file) => file.endsWith('.json') && file !== machineSchema)
  .flatMap((file) => {
    const path = `${machineFolder}/${file}`
    const { machine, problems: found } = readMachine(file.replace(/\.json$/, ''), read(path), everyId)
    problems.push(...found.map((message) => ({ file: `machines/${file}`, line: 1, message })))
    return machine ? [machine] : []
  })

const diagrams = new Map(machines.map((machine) => [machine.id, diagramOf(machine)]))
const tables = new Map([
  ...codeTables(definitions),
  ...machines.map((machine) => [`machine-${machine.id}`, tableOf(machine)] as const),
  ...machines.map((machine) => [`words-${machine.id}`, wordsOf(machine)] as const),
])

const unordered = await Promise.all(
  files.map(async (file) => {
    const path = `spec/${file}`
    const source = read(path)
    const filled = fillTables(file, source, tables, diagrams)
    problems.push(...filled.problems)
    if (filled.text === source && !/<!-- (table|diagram):/.test(source)) return parsePage(file, source)
    const text = await formatted(path, filled.text)
    generated.set(path, text)
    return parsePage(file, text)
  }),
)
const pages = inOrder(unordered)
const byFile = new Map(pages.map((page) => [page.file, page]))

const found = pages.map(requirementsOf)
const placed = found.flatMap(({ requirements }) => requirements)
const ids = new Set(placed.map(({ id }) => id))
const before = JSON.parse(read(listFile) || '[]') as { id: string }[]
problems.push(
  ...found.flatMap((page) => page.problems),
  ...duplicateIds(placed),
  ...unlistedPages(pages),
  // The changelog speaks of ids that are gone.
  ...pages.flatMap((page) => (page.file === 'CHANGELOG.md' ? [] : unknownReferences(page, ids))),
  ...pages.flatMap((page) => deadLinks(page, byFile, (path) => existsSync(`${root}spec/${path}`))),
  ...unexplainedRemovals(
    before.map(({ id }) => id),
    ids,
    read('spec/CHANGELOG.md'),
  ),
)

if (problems.length > 0) {
  for (const problem of problems) console.error(describeProblem(problem))
  process.exitCode = 1
} else {
  const requirements = placed.map(({ line: _, ...requirement }) => requirement)
  generated.set(listFile, await formatted(listFile, JSON.stringify(requirements)))
  generated.set(moduleFile, await formatted(moduleFile, requirementModule(requirements)))
  generated.set(machineModuleFile, await formatted(machineModuleFile, machineModule(machines)))
  const schemaFile = `${machineFolder}/${machineSchema}`
  generated.set(schemaFile, await formatted(schemaFile, JSON.stringify(MachineFile)))
  const stale = [...generated].filter(([path, text]) => read(path) !== text)
  for (const [path, text] of stale) {
    console.log(`${check ? 'stale' : 'wrote'}: ${path}`)
    if (check) continue
    mkdirSync(dirname(`${root}${path}`), { recursive: true })
    writeFileSync(`${root}${path}`, text)
  }
  if (check && stale.length > 0) {
    console.error('Generated files differ from the specification: run "npx tsx scripts/generate-spec.ts"')
    process.exitCode = 1
  }
  console.log(`${String(requirements.length)} requirements in ${String(pages.length)} pages`)
}
