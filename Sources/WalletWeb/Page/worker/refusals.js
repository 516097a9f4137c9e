// What the wallet's history says of answers that were not given. It stays there: who asked is told nothing of it.

/** Nothing was decided: the network, a service that is busy or broken, this browser. The same may go well in a moment. */
const undecided = /^(service-|http-|answer-|busy$|too-many-|store-unavailable$|shutting-down$|timeout$|locked$|core-|call-|vault-|storage-|module-|browser-|root-mismatch$)/;
/** What is kept of an error beside its code, to say it in words again. */
const details = ['reason', 'until', 'before'];

/** Who refused, and why, as a history keeps it; null when an error is no refusal. */
export function refusalOf(error) {
  if (typeof error?.code !== 'string' || undecided.test(error.code)) return null;
  const kept = Object.fromEntries(details.filter((name) => error.detail?.[name] !== undefined).map((name) => [name, error.detail[name]]));
  return { result: 'refused', by: error.detail?.refusedBy === 'service' ? 'service' : 'wallet', code: error.code, ...kept };
}
