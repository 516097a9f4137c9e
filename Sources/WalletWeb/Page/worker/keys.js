// Keys of the vault: made, wrapped and unwrapped by the browser's own cryptography.
import { Failure } from './failure.js';

/** Rounds of PBKDF2-HMAC-SHA-256 that a passphrase costs, as in a wallet file. */
export const standardRounds = 600_000;
/** Rounds at most: bounds what opening hostile bytes costs. */
export const greatestRounds = 10_000_000;

const AES = { name: 'AES-GCM', length: 256 };
const utf8 = new TextEncoder();

export function randomBytes(count) {
  return crypto.getRandomValues(new Uint8Array(count));
}

/** A key that wraps or seals, from a passphrase. The passphrase is taken in normal form C: the same letters are the same bytes on every machine. */
export async function passphraseKey(passphrase, { salt, rounds }, usages) {
  const bytes = utf8.encode(passphrase.normalize('NFC'));
  try {
    const material = await crypto.subtle.importKey('raw', bytes, 'PBKDF2', false, ['deriveKey']);
    return await crypto.subtle.deriveKey({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations: rounds }, material, AES, false, usages);
  } finally {
    bytes.fill(0);
  }
}

/** A key that wraps, from the output of a passkey's `prf` extension (32 bytes or more), which is wiped. */
export async function passkeyKey(output, salt) {
  const bytes = output instanceof Uint8Array ? output : new Uint8Array(output);
  try {
    if (bytes.length < 32) throw new Failure('passkey-output');
    const material = await crypto.subtle.importKey('raw', bytes, 'HKDF', false, ['deriveKey']);
    const info = utf8.encode('symbolon wallet passkey 1');
    return await crypto.subtle.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt, info }, material, AES, false, ['wrapKey', 'unwrapKey']);
  } finally {
    bytes.fill(0);
  }
}

/** A fresh data key. It can be taken out once more, to be wrapped: `unwrap` gives the one that is used. */
export async function freshDataKey() {
  return crypto.subtle.generateKey(AES, true, ['encrypt', 'decrypt']);
}

/** The data key under another: `{nonce, wrapped}`, bound to what `context` says. */
export async function wrap(dataKey, wrappingKey, context) {
  const nonce = randomBytes(12);
  const algorithm = { name: 'AES-GCM', iv: nonce, additionalData: utf8.encode(context) };
  return { nonce, wrapped: new Uint8Array(await crypto.subtle.wrapKey('raw', dataKey, wrappingKey, algorithm)) };
}

/** The data key again, or null when the other key is not the one. It cannot be taken out, unless it is to be wrapped anew. */
export async function unwrap({ nonce, wrapped }, wrappingKey, context, isExtractable = false) {
  const algorithm = { name: 'AES-GCM', iv: nonce, additionalData: utf8.encode(context) };
  try {
    return await crypto.subtle.unwrapKey('raw', wrapped, wrappingKey, algorithm, AES, isExtractable, ['encrypt', 'decrypt']);
  } catch {
    return null;
  }
}

/** Bytes under a key, with a fresh nonce, bound to what `context` says. */
export async function seal(bytes, key, context) {
  const nonce = randomBytes(12);
  const algorithm = { name: 'AES-GCM', iv: nonce, additionalData: utf8.encode(context) };
  return { nonce, sealed: new Uint8Array(await crypto.subtle.encrypt(algorithm, key, bytes)) };
}

/** The bytes again; null when they were altered, stand where others belong, or are under another key. */
export async function open({ nonce, sealed }, key, context) {
  try {
    const algorithm = { name: 'AES-GCM', iv: nonce, additionalData: utf8.encode(context) };
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, sealed));
  } catch {
    return null;
  }
}
