import type { Completable, CompletableValue } from './completable.ts'

/** Completion for fish. */
export function fishCompletion({ program, flags, commands }: Completable): string {
  const names = Object.keys(commands)
  const lines = [
    `-f -n __fish_use_subcommand -a '${names.join(' ')}'`,
    ...Object.entries(commands).map(
      ([command, value]) => `-n '__fish_seen_subcommand_from ${command}' ${values(value)}`,
    ),
    ...flags.map(({ name, short, value }) => {
      const spelled = `-l ${name}${short === undefined ? '' : ` -s ${short}`}`
      const only = `-n 'not __fish_seen_subcommand_from ${names.join(' ')}'`
      return `${only} ${spelled} ${value === 'none' ? '-f' : `-r ${values(value)}`}`
    }),
  ]
  return `# fish completion: ${program} completion fish | source\n${lines
    .map((line) => `complete -c ${program} ${line}\n`)
    .join('')}`
}

function values(value: CompletableValue): string {
  if (value === 'file') return '-F'
  return typeof value === 'string' ? '-f' : `-f -a '${value.join(' ')}'`
}
