import { checks } from '../checks/index.ts'
import { flags } from '../cli-options.ts'
import { bashCompletion } from '../completion/bash.ts'
import type { Completable, CompletableFlag, CompletableValue } from '../completion/completable.ts'
import { fishCompletion } from '../completion/fish.ts'
import { zshCompletion } from '../completion/zsh.ts'
import { UsageError } from './arguments.ts'
import type { CliEnvironment } from './environment.ts'

const shells: ReadonlyMap<string, (command: Completable) => string> = new Map([
  ['bash', bashCompletion],
  ['fish', fishCompletion],
  ['zsh', zshCompletion],
])

const help = `Usage: parley-conformance completion bash|fish|zsh

Prints what completes flags, the ids of checks, and files in your shell:
  bash  source <(parley-conformance completion bash)         in ~/.bashrc
  zsh   source <(parley-conformance completion zsh)          in ~/.zshrc
  fish  parley-conformance completion fish | source          in config.fish
`

/** Prints the completion of a shell. */
export function completionCommand(args: readonly string[], { stdout }: CliEnvironment): number {
  const [shell = '', ...more] = args
  const script = shells.get(shell)
  if (shell === '--help' || shell === '-h') stdout.write(help)
  else if (script && more.length === 0) stdout.write(script(completable()))
  else
    throw new UsageError(
      `Cannot complete for "${args.join(' ')}": it has to be ${[...shells.keys()].join(', ')}`,
    )
  return 0
}

interface Flag {
  readonly type: 'boolean' | 'string'
  readonly short?: string
  readonly value?: 'check' | 'file' | readonly string[]
}

function completable(): Completable {
  return {
    program: 'parley-conformance',
    flags: Object.entries(flags).map(([name, flag]: [string, Flag]): CompletableFlag => ({
      name,
      ...(flag.short === undefined ? {} : { short: flag.short }),
      value: flag.type === 'boolean' ? 'none' : valueOf(flag),
    })),
    commands: { compare: 'file', expect: 'file', fuzz: 'text', completion: [...shells.keys()] },
  }
}

function valueOf({ value = 'text' as const }: { readonly value?: Flag['value'] | 'text' }): CompletableValue {
  return value === 'check' ? checkIds() : value
}

/** What `--check` takes: ids of checks, and of the requirements that several judge. */
function checkIds(): readonly string[] {
  return [...new Set(checks.flatMap(({ id, requirement }) => [requirement.id, id]))]
}
