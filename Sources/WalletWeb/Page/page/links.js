// What a member was sent here with: a claim link, or a sign-in that waits. All of it comes from outside and is held against its form.

const COMMUNITY = /^[0-9a-f]{64}$/;
const CODE = /^[0-9A-Za-z -]{28,64}$/;
const SIGN_IN = /^\/sign-in\/[A-Za-z0-9_-]{16,128}$/;

/** The origin of an address, or null: https, or http on this machine, and nothing behind it. */
export function serviceOrigin(text) {
  let url;
  try { url = new URL(text.trim()); } catch { return null; }
  const isHere = url.hostname === 'localhost' || url.hostname === '127.0.0.1';
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isHere)) return null;
  if (url.username || url.password || url.search || url.hash || url.pathname !== '/') return null;
  return url.origin;
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
  if (url.search || url.hash || url.username || url.password || !SIGN_IN.test(url.pathname) || !serviceOrigin(url.origin)) return null;
  return url.origin + url.pathname;
}

function fragmentTask(fragment) {
  const given = new URLSearchParams(fragment);
  if (given.has('link')) return given.get('link').startsWith('web+symbolon:') ? fragmentTask(given.get('link').slice('web+symbolon:'.length)) : null;
  if (given.has('sign-in')) {
    const address = signInAddress(given.get('sign-in'));
    return address && { kind: 'sign-in', address };
  }
  if (given.has('claim')) {
    const [code, service, community] = [claimCode(given.get('claim')), serviceOrigin(given.get('service') ?? ''), communityID(given.get('community') ?? '')];
    return code && service && community && { kind: 'claim', code, service, community };
  }
  return null;
}

/** What a fragment (without its `#`) asks for, or null; `undefined` when it is not of this kind at all. */
export function taskOfFragment(fragment) {
  return /^(claim|sign-in|link)=/.test(fragment) ? fragmentTask(fragment) : undefined;
}

/** What a link asks for that was pasted or read by a camera, or null: one to any wallet, one of `web+symbolon:`, or the address of a sign-in page. */
export function taskOfLink(text) {
  const link = text.trim();
  if (link.length > 4096) return null;
  if (link.startsWith('web+symbolon:')) return fragmentTask(link.slice('web+symbolon:'.length));
  const address = signInAddress(link);
  if (address) return { kind: 'sign-in', address };
  const at = link.indexOf('#');
  return at < 0 ? null : fragmentTask(link.slice(at + 1));
}
