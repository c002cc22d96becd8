import type { Completable, CompletableValue } from './completable.ts'

/** Completion for zsh, sourced or as a file `_…` in a folder of `fpath`. */
export function zshCompletion({ program, flags, commands }: Completable): string {
  const name = `_${program.replaceAll('-', '_')}`
  const specs = flags.map(({ name: flag, short, value }) => {
    const spelled = short === undefined ? `'*--${flag}` : `'*'{-${short},--${flag}}'`
    return value === 'none' ? `${spelled}'` : `${spelled}:${flag}:${action(value)}'`
  })
  const behind = Object.entries(commands).map(
    ([command, value]) => `    ${command}) _arguments '*:argument:${action(value)}' ;;`,
  )
  return `#compdef ${program}
${name}() {
  case $words[2] in
${behind.join('\n')}
    *) _arguments \\
      ${specs.join(' \\\n      ')} \\
      '1:URL or command:(${Object.keys(commands).join(' ')})' ;;
  esac
}
if [ "$funcstack[1]" = ${name} ]; then ${name} "$@"; else compdef ${name} ${program}; fi
`
}

/** What is asked to complete a value; the colon of a check's id would end a list in the specification of an option. */
function action(value: CompletableValue): string {
  if (value === 'file') return '_files'
  return typeof value === 'string' ? ' ' : `(${value.join(' ').replaceAll(':', String.raw`\:`)})`
}
