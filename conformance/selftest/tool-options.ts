import { parseArgs, type ParseArgsConfig } from 'node:util'

/**
 * The options of a tool of this repository. Says how it is used and ends with 0 for `--help`; says what is wrong and ends with 2 for what the
 * tool does not know, before it has begun anything.
 *
 * @param usage - One line: how the tool is called.
 * @param config - As of `parseArgs`.
 */
export function toolOptions<T extends ParseArgsConfig>(
  usage: string,
  config: T,
): ReturnType<typeof parseArgs<T>> {
  if (process.argv.includes('--help')) {
    console.log(`Usage: ${usage}`)
    process.exit(0)
  }
  try {
    return parseArgs(config)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return refuse(`${error.message.split('. ')[0] ?? ''}\nUsage: ${usage}`)
  }
}

/**
 * A number from the command line of a tool; ends it with 2 where that is none.
 *
 * @param name - The option, without its dashes.
 * @param least - The smallest whole number that makes sense.
 * @param isShare - Whether a fraction above 0 and up to 1 is meant instead.
 */
export function numberOf(name: string, text: string, least: number, isShare = false): number {
  const number = Number(text)
  if (
    text.trim() !== '' &&
    (isShare ? number > 0 && number <= 1 : Number.isSafeInteger(number) && number >= least)
  )
    return number
  const wanted = isShare ? 'above 0, up to 1' : `a whole number from ${String(least)}`
  return refuse(`--${name} is "${text}", and has to be ${wanted}`)
}

/** Ends a tool that cannot begin, with 2. */
export function refuse(why: string): never {
  console.error(`Cannot begin: ${why}`)
  process.exit(2)
}
