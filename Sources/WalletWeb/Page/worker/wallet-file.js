// The wallet in an encrypted file, byte for byte as `WalletFile.swift` writes and reads it: `SYMBOLON-WALLET`, version 1, rounds (4, little-endian), salt (16),
// nonce (12), all of it authenticated; then the encrypted JSON and its tag.
import { Failure } from './failure.js';
import { greatestRounds, passphraseKey, randomBytes, standardRounds } from './keys.js';

const magic = Uint8Array.from([...new TextEncoder().encode('SYMBOLON-WALLET'), 1]);
const headerLength = 16 + 4 + 16 + 12;
const tagLength = 16;
const greatestLength = 1 << 26;

/** A wallet's state as a file. */
export async function sealFile(state, passphrase) {
  const header = new Uint8Array(headerLength);
  header.set(magic);
  new DataView(header.buffer).setUint32(16, standardRounds, true);
  header.set(randomBytes(16), 20);
  header.set(randomBytes(12), 36);
  const key = await passphraseKey(passphrase, { salt: header.slice(20, 36), rounds: standardRounds }, ['encrypt']);
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: header.slice(36, 48), additionalData: header }, key, state);
  const file = new Uint8Array(headerLength + sealed.byteLength);
  file.set(header);
  file.set(new Uint8Array(sealed), headerLength);
  return file;
}

/**
 * The state in a file; who gets it wipes it.
 * Throws `wallet-format`, and `wallet-passphrase` for a wrong passphrase and for altered bytes, which cannot be told apart.
 */
export async function openFile(file, passphrase) {
  if (file.length < headerLength + tagLength || file.length > greatestLength || magic.some((byte, at) => file[at] !== byte)) {
    throw new Failure('wallet-format');
  }
  const header = file.slice(0, headerLength);
  const rounds = new DataView(header.buffer).getUint32(16, true);
  if (rounds < standardRounds || rounds > greatestRounds) throw new Failure('wallet-format');
  const key = await passphraseKey(passphrase, { salt: header.slice(20, 36), rounds }, ['decrypt']);
  try {
    const algorithm = { name: 'AES-GCM', iv: header.slice(36, 48), additionalData: header };
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, file.slice(headerLength)));
  } catch {
    throw new Failure('wallet-passphrase');
  }
}
