/** Reason with which a run's signal is aborted where the kit itself broke: an exception that nobody caught. */
export class KitFault extends Error {
  override name = 'KitFault'
}
