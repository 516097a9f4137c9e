// Where a browser asks that addresses of scripts be vouched for, these are: the worker's, whose bytes were checked, and the service worker's.
const policy = globalThis.trustedTypes?.createPolicy('symbolon', { createScriptURL: (url) => url });

export function trustedScript(url) {
  return policy ? policy.createScriptURL(url) : url;
}
