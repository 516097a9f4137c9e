// Advice on a passphrase: whoever copies this browser's files can try as many as he likes.

/** What many people choose, in small letters without digits. */
const common = new Set(('password passwort passphrase qwerty qwertz azerty asdfgh iloveyou letmein welcome admin administrator football baseball dragon monkey ' +
  'sunshine princess superman batman trustno master hello login secret symbolon wallet reputation qwertyuiop asdfghjkl zxcvbnm abc abcdef changeme').split(' '));
const least = 10;
const good = 16;

/** Length, where a Chinese, Japanese or Korean character counts as two. */
function size(text) {
  return [...text].reduce((sum, one) => sum + (/[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]/.test(one) ? 2 : 1), 0);
}

/** How many of its characters follow the one before in a row: aaaa, 1234, 9876. */
function inRow(text) {
  const codes = [...text].map((one) => one.codePointAt(0));
  return codes.filter((code, at) => at > 0 && Math.abs(code - codes[at - 1]) <= 1).length;
}

/** `short` and `guessable`, which are not taken; `fair`, for which there is advice; `good`. */
export function strength(passphrase) {
  const text = passphrase.normalize('NFC').toLowerCase();
  const length = size(text);
  if (length < least) return 'short';
  const letters = text.replace(/[\P{L}]/gu, '');
  const repeated = /^(.{1,8}?)\1+$/u.exec(text);
  const isGuessable = common.has(letters) && length < good + letters.length || repeated || /^\d+$/.test(text) && length < good ||
    new Set(text).size < 5 || inRow(text) * 2 > [...text].length;
  if (isGuessable) return 'guessable';
  return length < good ? 'fair' : 'good';
}
