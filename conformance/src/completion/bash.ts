import type { Completable, CompletableValue } from './completable.ts'

/** Completion for bash 3.2 or later, without the package bash-completion. */
export function bashCompletion({ program, flags, commands }: Completable): string {
  const name = `_${program.replaceAll('-', '_')}`
  const behindFlags = flags
    .filter(({ value }) => value !== 'none')
    .map(({ name: flag, value }) => `    --${flag}) ${action(value)} ;;`)
  const behindCommands = Object.entries(commands).map(
    ([command, value]) => `    ${command}) ${action(value)} ;;`,
  )
  return `# bash completion: source <(${program} completion bash)
${name}() {
  local line=\${COMP_LINE:0:COMP_POINT}
  # The word as it was typed: bash itself breaks it at colons and equals signs.
  local word=\${line##*[[:space:]]}
  local before=\${line%"$word"} candidates='' broken IFS=$' \\t\\n'
  before=\${before%"\${before##*[![:space:]]}"}
  local previous=\${before##*[[:space:]]} files=''
  case $word in --*=*) previous=\${word%%=*} word=\${word#*=} ;; esac
  case $previous in
${behindFlags.join('\n')}
    *)
      case $word in
        -*) candidates='${flags.map(({ name: flag }) => `--${flag}`).join(' ')}' ;;
        *)
          case \${COMP_WORDS[1]} in
${behindCommands.map((each) => `        ${each}`).join('\n')}
            *) [ "$COMP_CWORD" -gt 1 ] || candidates='${Object.keys(commands).join(' ')}' ;;
          esac ;;
      esac ;;
  esac
  IFS=$'\\n'
  if [ -n "$files" ]; then
    COMPREPLY=($(compgen -f -- "$word"))
    compopt -o filenames 2>/dev/null
    return
  fi
  COMPREPLY=($(IFS=' ' compgen -W "$candidates" -- "$word"))
  case $word in *:*)
    broken=\${word%"\${word##*:}"}
    case $COMP_WORDBREAKS in *:*) COMPREPLY=("\${COMPREPLY[@]#"$broken"}") ;; esac ;;
  esac
}
complete -F ${name} ${program}
`
}

function action(value: CompletableValue): string {
  if (value === 'file') return 'files=1'
  return typeof value === 'string' ? ':' : `candidates='${value.join(' ')}'`
}
