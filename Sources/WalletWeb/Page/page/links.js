// What a member was sent here with: a claim, a top-up, a sign-in or another request that waits. All of it comes from outside and is held against its form.

const COMMUNITY = /^[0-9a-f]{64}$/;
const CODE = /^[0-9A-Za-z -]{28,64}$/;
const SIGN_IN = /^\/sign-in\/[A-Za-z0-9_-]{16,128}$/;
const NONCE = /^(?:[0-9a-f]{2}){16,64}$/;
const greatestReturn = 2048;

function isLoopback(url) {
  return url.hostname === 'localhost' || url.hostname === '127.0.0.1';
}

/** Encrypted on the way, or within this machine. */
function isSafe(url) {
  return (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))) && !url.username && !url.password;
}

/** The origin of an address, or null: https, or http on this machine, and nothing behind it. */
export function serviceOrigin(text) {
  let url;
  try { url = new URL(text.trim()); } catch { return null; }
  return isSafe(url) && !url.search && !url.hash && url.pathname === '/' ? url.origin : null;
}

/** A community's id as people paste it, or null. */
export function communityID(text) {
  const id = text.trim().toLowerCase();
  return COMMUNITY.test(id) ? id : null;
}

/** A code as people type it, or null; its checksum is looked at later. */
export function claimCode(text) {
  const code = text.trim();
  return CODE.test(code) ? code : null;
}

function signInAddress(text) {
  let url;
  try { url = new URL(text); } catch { return null; }
  return isSafe(url) && !url.search && !url.hash && SIGN_IN.test(url.pathname) ? url.origin + url.pathname : null;
}

/** A page to go back to, or null. It is only shown: nobody is led there. */
function returnAddress(text) {
  // A browser would pass over blanks and line ends in it.
  if (text.length > greatestReturn || !/^[!-~]+$/.test(text)) return null;
  let url;
  try { url = new URL(text); } catch { return null; }
  return isSafe(url) ? url.href : null;
}

const nonce = (text) => (NONCE.test(text) ? text : null);
const [service, community] = [['service', serviceOrigin], ['community', communityID]];
/** The kinds of link, by the part that a link begins with. Each part: how the page calls it, its name in the link, and what it must be. */
const kinds = {
  'sign-in': { address: ['sign-in', signInAddress] },
  claim: { code: ['claim', claimCode], service, community },
  'top-up': { code: ['top-up', claimCode], service, community },
  request: { nonce: ['request', nonce], service, audience: ['audience', communityID], return: ['return', returnAddress] },
};
/** The one part that may be left out. */
const optional = 'return';

/** All parts of that kind and no others, each once, each of its form. */
function taskOf(kind, given) {
  const parts = Object.entries(kinds[kind]);
  const names = [...given.keys()];
  if (names.length !== new Set(names).size || !names.every((name) => parts.some(([, [known]]) => known === name))) return null;
  const task = { kind };
  for (const [own, [name, read]] of parts) {
    if (name === optional && !given.has(name)) continue;
    const value = read(given.get(name) ?? '');
    if (value === null) return null;
    task[own] = value;
  }
  return task;
}

function fragmentTask(fragment) {
  const given = new URLSearchParams(fragment);
  const [first] = given.keys();
  return Object.hasOwn(kinds, first) ? taskOf(first, given) : null;
}

const scheme = 'web+symbolon:';

function schemeTask(link) {
  return link.startsWith(scheme) ? fragmentTask(link.slice(scheme.length)) : null;
}

/** What a fragment (without its `#`) asks for, or null; `undefined` when it is not of this kind at all. */
export function taskOfFragment(fragment) {
  const name = /^([a-z-]+)=/.exec(fragment)?.[1];
  // What a browser hands over for `web+symbolon:`, whole.
  if (name === 'link') return schemeTask(new URLSearchParams(fragment).get('link'));
  return Object.hasOwn(kinds, name) ? fragmentTask(fragment) : undefined;
}

/** What a link asks for that was pasted or read by a camera, or null: one to any wallet, one of `web+symbolon:`, or the address of a sign-in page. */
export function taskOfLink(text) {
  const link = text.trim();
  if (link.length > 8192) return null;
  if (link.startsWith(scheme)) return schemeTask(link);
  const address = signInAddress(link);
  if (address) return { kind: 'sign-in', address };
  const at = link.indexOf('#');
  return at < 0 ? null : fragmentTask(link.slice(at + 1));
}
