/** An option or variable that says how to reach the target cannot be used. */
export class TargetOptionError extends Error {
  override name = 'TargetOptionError'
}
