import { parse } from 'yaml'

/** One step of the action that is a shell script. */
export interface ScriptStep {
  readonly name: string
  readonly script: string
  /** Variables of the step, as they stand in the file: with expressions. */
  readonly env: Readonly<Record<string, string>>
}

/** What the tests and linters need of `action.yml`. */
export interface Action {
  readonly scripts: readonly ScriptStep[]
  /** Inputs with their default; `undefined` where one has to be given. */
  readonly inputs: Readonly<Record<string, string | undefined>>
  /** Outputs, and the output of a step that each one passes on. */
  readonly outputs: Readonly<Record<string, string>>
}

interface ActionFile {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>
  readonly outputs: Readonly<Record<string, { readonly value: string }>>
  readonly runs: {
    readonly steps: readonly {
      readonly name?: string
      readonly shell?: string
      readonly run?: string
      readonly env?: Readonly<Record<string, string>>
    }[]
  }
}

/**
 * Reads a composite action.
 *
 * @throws When a script is for another shell than bash, which nothing here could judge.
 */
export function readAction(text: string): Action {
  const { inputs, outputs, runs } = parse(text) as ActionFile
  return {
    inputs: Object.fromEntries(Object.entries(inputs).map(([name, { default: usual }]) => [name, usual])),
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value])),
    scripts: runs.steps.flatMap(({ name = '', shell, run, env = {} }) => {
      if (run === undefined) return []
      if (shell !== 'bash') throw new Error(`Cannot judge the step "${name}": its shell is "${shell ?? ''}"`)
      return [{ name, script: run, env }]
    }),
  }
}

/**
 * Variables of a step, its expressions of inputs replaced as a runner does.
 *
 * @param given - Inputs that a workflow gives.
 * @throws For any other expression, which would not be the same here as on a runner.
 */
export function variablesOf(
  { env }: ScriptStep,
  { inputs }: Action,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const value = (name: string, text: string) =>
    text.replace(/\$\{\{\s*(.*?)\s*\}\}/g, (_whole, expression: string) => {
      const input = /^inputs\.([\w-]+)$/.exec(expression)?.[1]
      if (input === undefined || !Object.hasOwn(inputs, input))
        throw new Error(`Cannot replace "${expression}" in ${name}: it is no input`)
      return given[input] ?? inputs[input] ?? ''
    })
  return Object.fromEntries(Object.entries(env).map(([name, text]) => [name, value(name, text)]))
}
