// Passkeys: what one gives for an input (the `prf` extension of WebAuthn) opens the wallet. The page only passes it on to the worker.

export function passkeysArePossible() {
  return Boolean(globalThis.PublicKeyCredential && navigator.credentials?.create);
}

function output(credential) {
  const first = credential.getClientExtensionResults().prf?.results?.first;
  return first ? new Uint8Array(first instanceof ArrayBuffer ? first : first.buffer) : null;
}

/** Makes a passkey; `{credential, input, prf}`, or null when it has no such output. Throws what the browser throws when its owner declines. */
export async function makePasskey(name) {
  const input = crypto.getRandomValues(new Uint8Array(32));
  const made = await navigator.credentials.create({
    publicKey: {
      rp: { name }, user: { id: crypto.getRandomValues(new Uint8Array(16)), name, displayName: name },
      // Nobody checks a signature: the passkey is wanted for its output alone.
      challenge: crypto.getRandomValues(new Uint8Array(32)),
      pubKeyCredParams: [{ type: 'public-key', alg: -7 }, { type: 'public-key', alg: -257 }],
      authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
      extensions: { prf: { eval: { first: input } } },
    },
  });
  const credential = new Uint8Array(made.rawId);
  if (!made.getClientExtensionResults().prf?.enabled) return null;
  // Some give it when they are made, others when they are asked.
  const prf = output(made) ?? (await askPasskey([{ credential, input }]))?.prf;
  return prf ? { credential, input, prf } : null;
}

/** Asks one of the passkeys `{credential, input}`; `{credential, prf}`, or null when it gave nothing. */
export async function askPasskey(passkeys) {
  const evalByCredential = Object.fromEntries(passkeys.map(({ credential, input }) =>
    [btoa(String.fromCharCode(...credential)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''), { first: input }]));
  const given = await navigator.credentials.get({
    publicKey: {
      challenge: crypto.getRandomValues(new Uint8Array(32)), userVerification: 'required',
      allowCredentials: passkeys.map(({ credential }) => ({ type: 'public-key', id: credential })),
      extensions: { prf: { evalByCredential } },
    },
  });
  const prf = output(given);
  return prf && { credential: new Uint8Array(given.rawId), prf };
}
