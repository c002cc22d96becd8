/** The target cannot be judged: it is not there, speaks no Parley, or lets nobody of ours in. */
export class TargetProblem extends Error {
  override name = 'TargetProblem'
  /** `unreachable`: no Parley server answers there. `refused`: one does, but not to these tokens. `interrupted`: the user ended the run first. */
  readonly kind: 'unreachable' | 'refused' | 'interrupted'
  /** Whether a connection was accepted, and nothing came on it in time. */
  readonly unanswered: boolean

  constructor(
    kind: TargetProblem['kind'],
    message: string,
    options?: ErrorOptions & { unanswered?: boolean },
  ) {
    super(message, options)
    this.kind = kind
    this.unanswered = options?.unanswered ?? false
  }
}
