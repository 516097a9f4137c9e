// The record of a forum that a provider signed: a wallet is told by it who asks, and from where the forum's own pages come.
import { Failure } from './failure.js';
import { isLine } from './net.js';

const greatestOrigins = 64;
const greatestRecord = 65536;
/** Seconds by which two clocks may differ. */
const skew = 120;

function decoded(part) {
  if (!/^[A-Za-z0-9_-]*$/.test(part)) throw new Failure('client-record-signature');
  const binary = atob(part.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function object(part) {
  const value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(decoded(part)));
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new Failure('client-record-signature');
  return value;
}

/**
 * Verifies a record (a JWT, ES256) by one of an issuer's keys, and that it says the same as the offer; `{client, name, audience, origins}`. `keys`: what stands at
 * `/openid/keys`, a JWK set. Throws `client-record-signature`, `client-record-mismatch`, `client-record-expired`.
 */
export async function verifyRecord(token, { keys, issuer, audience, forum, now }) {
  let parts, header, claims, signature;
  try {
    parts = token.split('.');
    if (parts.length !== 3 || token.length > greatestRecord) throw new Failure('client-record-signature');
    [header, claims, signature] = [object(parts[0]), object(parts[1]), decoded(parts[2])];
  } catch {
    throw new Failure('client-record-signature');
  }
  if (header.alg !== 'ES256' || header.typ !== 'symbolon-client+jwt' || header.crit !== undefined) throw new Failure('client-record-signature');
  const candidates = Array.isArray(keys?.keys) ? keys.keys.slice(0, 16) : [];
  const key = candidates.find((one) => one?.kty === 'EC' && one.crv === 'P-256' && typeof one.kid === 'string' && one.kid === header.kid);
  if (!key) throw new Failure('client-record-signature');
  let isSigned = false;
  try {
    const { kty, crv, x, y } = key;
    const imported = await crypto.subtle.importKey('jwk', { kty, crv, x, y }, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);
    isSigned = await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, imported, signature, new TextEncoder().encode(`${parts[0]}.${parts[1]}`));
  } catch { /* Not a key of that curve. */ }
  if (!isSigned) throw new Failure('client-record-signature');
  const { iss, sub, name, origins, iat, exp } = claims;
  const isWell = isLine(sub, 256) && isLine(name, 256) && Array.isArray(origins) && origins.length > 0 && origins.length <= greatestOrigins
    && origins.every((one) => isLine(one, 512)) && Number.isSafeInteger(iat) && Number.isSafeInteger(exp);
  if (!isWell || iss !== issuer || claims.audience !== audience || name !== forum) throw new Failure('client-record-mismatch');
  if (iat > now + skew || exp <= now) throw new Failure('client-record-expired');
  return { client: sub, name, audience, origins };
}
