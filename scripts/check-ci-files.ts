import { spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { readAction } from './ci/action.ts'
import type { Lint } from './ci/finding.ts'
import { lint } from './ci/linter.ts'
import { notRunExitCode } from './ci/not-run.ts'

/*
 * Lints what other systems run: the action, the workflow and the job of the docs, the image, our own CI. A linter that is not on this machine
 * leaves its part visibly open: exit code 75, and 1 where the variable CI says that everything has to be there.
 */
const repository = fileURLToPath(new URL('../..', import.meta.url))
const text = (path: string) => readFile(join(repository, path), 'utf8')

/** A repository that has the workflow of the docs, and in it the action itself in place of its published name. */
async function workflowProject(folder: string): Promise<string> {
  const workflow = await text('docs/ci/github.yml')
  const local = workflow.replace(/uses: \S+\/parley@\S+/, 'uses: ./')
  if (local === workflow) throw new Error('Cannot lint docs/ci/github.yml: it does not use the action')
  await mkdir(join(folder, '.github/workflows'), { recursive: true })
  await writeFile(join(folder, '.github/workflows/conformance.yml'), local)
  await cp(join(repository, 'action.yml'), join(folder, 'action.yml'))
  spawnSync('git', ['init', '--quiet'], { cwd: folder })
  return folder
}

interface Job {
  readonly script?: readonly string[]
}

/** Shell scripts that stand in other files, each as a file of its own, by what they are. */
async function embeddedScripts(folder: string): Promise<ReadonlyMap<string, string>> {
  const { scripts } = readAction(await text('action.yml'))
  const jobs = parse(await text('docs/ci/gitlab.yml')) as Readonly<Record<string, Job>>
  const found = [
    ...scripts.map(({ name, script }) => [`action.yml, step "${name}"`, script] as const),
    ...Object.entries(jobs).map(
      ([name, { script = [] }]) => [`docs/ci/gitlab.yml, job "${name}"`, script.join('\n')] as const,
    ),
  ]
  const files = new Map<string, string>()
  for (const [index, [what, script]] of found.entries()) {
    const path = join(folder, `script-${String(index)}.sh`)
    await writeFile(path, script)
    files.set(what, path)
  }
  return files
}

async function lints(folder: string): Promise<readonly Lint[]> {
  const schema = (name: string, file: string): Lint => ({
    linter: 'check-jsonschema',
    what: file,
    args: ['--builtin-schema', `vendor.${name}`, file],
  })
  const scripts = await embeddedScripts(folder)
  return [
    {
      linter: 'actionlint',
      what: 'docs/ci/github.yml and the action that it uses',
      args: ['-no-color'],
      cwd: await workflowProject(folder),
    },
    schema('github-actions', 'action.yml'),
    schema('github-workflows', 'docs/ci/github.yml'),
    schema('gitlab-ci', 'docs/ci/gitlab.yml'),
    { linter: 'hadolint', what: 'Dockerfile', args: ['--failure-threshold', 'info', 'Dockerfile'] },
    { linter: 'shellcheck', what: '.ci', args: ['.ci/run', '.ci/install-linters'] },
    // Both systems run bash with errexit.
    ...[...scripts].map(([what, path]) => ({ linter: 'shellcheck', what, args: ['--shell', 'bash', path] })),
  ]
}

const folder = await mkdtemp(join(tmpdir(), 'parley-ci-files-'))
let wrong = false
let notRun = false
try {
  for (const each of await lints(folder)) {
    const finding = lint(each, repository)
    wrong ||= finding.kind === 'wrong'
    notRun ||= finding.kind === 'not run'
    const words = finding.kind === 'ok' ? '' : `: ${finding.words}`
    console.log(
      `${finding.kind === 'wrong' ? 'FAIL' : finding.kind.padEnd(7)} ${each.linter}: ${each.what}${words}`,
    )
  }
} finally {
  await rm(folder, { recursive: true })
}
const complete = process.env['CI'] !== undefined
process.exitCode = wrong || (notRun && complete) ? 1 : notRun ? notRunExitCode : 0
