import { TargetProblem } from './target-problem.ts'

/**
 * Reads the URL of a target.
 *
 * @throws {@link TargetProblem} when it is none.
 */
export function parseTarget(url: string | URL): URL {
  try {
    return new URL(url)
  } catch (cause) {
    throw new TargetProblem(
      'unreachable',
      `Cannot test "${String(url)
        .replace(/\/\/[^/]*@/, '//…@')
        .replace(/\?.*/s, '?…')}": it is no URL such as wss://host/path`,
      {
        cause,
      },
    )
  }
}
