import { spawnSync } from 'node:child_process'
import { delimiter, join } from 'node:path'
import type { Finding, Lint } from './finding.ts'

/** Where `.ci/install-linters` puts the programs, below the repository. */
const installed = 'node_modules/.ci-linters/bin'

/**
 * Runs a linter: the installed one, or that of this machine.
 *
 * @param repository - Path of the repository.
 */
export function lint({ linter, args, cwd }: Lint, repository: string): Finding {
  const PATH = [join(repository, installed), process.env['PATH']].join(delimiter)
  const { error, status, stdout, stderr } = spawnSync(linter, args, {
    cwd: cwd ?? repository,
    encoding: 'utf8',
    env: { ...process.env, PATH },
  })
  if (error && 'code' in error && error.code === 'ENOENT')
    return { kind: 'not run', words: `${linter} is missing: .ci/install-linters installs it` }
  if (error) throw error
  return status === 0 ? { kind: 'ok' } : { kind: 'wrong', words: `${stdout}${stderr}`.trimEnd() }
}
