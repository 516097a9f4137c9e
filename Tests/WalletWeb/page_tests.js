// Parts of the page that need no wallet. Run by module_checks.py.
import { App } from '/page/app.js';
import { claimCode, communityID, serviceOrigin, taskOfFragment, taskOfLink } from '/page/links.js';
import { strength } from '/page/strength.js';
import { Words } from '/page/words.js';

const COMMUNITY = 'ab'.repeat(32);
const CODE = '0123-4567-89AB-CDEF-GHJK-MNPQ-RSTV';
const HANDLE = 'A'.repeat(43);
const CLAIM = `claim=${CODE}&service=${encodeURIComponent('https://id.example.org')}&community=${COMMUNITY}`;
const NONCE = '0f'.repeat(32);
const REQUEST = `request=${NONCE}&service=${encodeURIComponent('https://id.example.org')}&audience=${COMMUNITY}`;
const SIGN_IN = `sign-in=${encodeURIComponent(`https://id.example.org/sign-in/${HANDLE}`)}`;

function same(what, found, expected) {
  if (JSON.stringify(found) !== JSON.stringify(expected)) throw new Error(`${what}: ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`);
}

export const tests = {
  async 'a service is an origin, over TLS or on this machine'() {
    for (const [text, origin] of [['https://id.example.org', 'https://id.example.org'], [' https://id.example.org/ ', 'https://id.example.org'],
      ['https://ID.example.org:443/', 'https://id.example.org'], ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'], ['http://localhost:8080', 'http://localhost:8080'],
      ['http://id.example.org', null], ['http://127.0.0.1.example.org', null], ['https://id.example.org/x', null], ['https://id.example.org/?x', null],
      ['https://id.example.org/#x', null], ['https://me@id.example.org', null], ['javascript:alert(1)', null], ['data:text/html,x', null], ['', null], ['id.example.org', null],
      ['ftp://id.example.org', null]]) same(text, serviceOrigin(text), origin);
  },

  async 'a claim link has all of its parts'() {
    const task = { kind: 'claim', code: CODE, service: 'https://id.example.org', community: COMMUNITY };
    same('fragment', taskOfFragment(CLAIM), task);
    same('link', taskOfLink(` https://wallet.example/#${CLAIM}\n`), task);
    same('scheme', taskOfLink(`web+symbolon:${CLAIM}`), task);
    same('handler', taskOfFragment(`link=${encodeURIComponent(`web+symbolon:${CLAIM}`)}`), task);
    for (const [what, text] of [['no code', CLAIM.replace(CODE, '')], ['a short code', CLAIM.replace(CODE, '0123')], ['no service', CLAIM.replace('service', 'x')],
      ['a service without TLS', CLAIM.replace('https', 'http')], ['no community', CLAIM.replace('community', 'x')], ['a short community', CLAIM.slice(0, -1)],
      ['another scheme', `link=${encodeURIComponent('javascript:alert(1)')}`], ['a link in a link', `link=${encodeURIComponent(`https://x.example/#${CLAIM}`)}`]]) same(what, taskOfFragment(text), null);
    same('another place of the page', taskOfFragment('settings'), undefined);
    same('nothing', taskOfFragment(''), undefined);
  },

  async 'a sign-in is the address of its page'() {
    const task = { kind: 'sign-in', address: `https://id.example.org/sign-in/${HANDLE}` };
    same('fragment', taskOfFragment(SIGN_IN), task);
    same('the page itself', taskOfLink(task.address), task);
    same('link', taskOfLink(`https://wallet.example/#${SIGN_IN}`), task);
    for (const text of [`http://id.example.org/sign-in/${HANDLE}`, `https://id.example.org/sign-in/${HANDLE}/wallet`, `https://id.example.org/sign-in/${HANDLE}?x=1`,
      `https://id.example.org/x/sign-in/${HANDLE}`, 'https://id.example.org/sign-in/short', `https://a:b@id.example.org/sign-in/${HANDLE}`, 'javascript:alert(1)', 'https://id.example.org/']) {
      same(text, taskOfFragment(`sign-in=${encodeURIComponent(text)}`), null);
      same(text, taskOfLink(text), null);
    }
    same('something endless', taskOfLink(`https://x.example/#${SIGN_IN}&${'x'.repeat(5000)}`), null);
  },

  async 'a request has a nonce, a service and an audience, and at most a page to go back to'() {
    const task = { kind: 'request', nonce: NONCE, service: 'https://id.example.org', audience: COMMUNITY };
    const withReturn = (address) => `${REQUEST}&return=${encodeURIComponent(address)}`;
    same('fragment', taskOfFragment(REQUEST), task);
    same('link', taskOfLink(`https://wallet.example/#${REQUEST}`), task);
    same('scheme', taskOfLink(` web+symbolon:${REQUEST} `), task);
    same('handler', taskOfFragment(`link=${encodeURIComponent(`web+symbolon:${REQUEST}`)}`), task);
    for (const address of ['https://forum.example.org/topic/7?reply=1#end', 'http://localhost:8000/', 'http://127.0.0.1:8000/x']) {
      same(address, taskOfFragment(withReturn(address)), { ...task, return: address });
    }
    for (const address of ['http://forum.example.org/', 'javascript:alert(1)', ' javascript:alert(1)', 'java\nscript:alert(1)', 'data:text/html,x', 'blob:https://forum.example.org/x', 'file:///etc/passwd',
      'intent://x#Intent;scheme=https;end', 'web+symbolon:x', '//forum.example.org/', '/topic', '', 'https://me@forum.example.org/', 'https://me:pass@forum.example.org/',
      'https://forum.example.org/ x', 'https://forum.example.org/\u202e', 'http://localhost.example.org/', `https://forum.example.org/${'x'.repeat(2048)}`]) {
      same(`back to ${address}`, taskOfFragment(withReturn(address)), null);
    }
    for (const [what, text] of [['no nonce', REQUEST.replace(NONCE, '')], ['a short nonce', REQUEST.replace(NONCE, '0f'.repeat(15))], ['a long nonce', REQUEST.replace(NONCE, '0f'.repeat(65))],
      ['half a byte', REQUEST.replace(NONCE, `${NONCE}0`)], ['large letters', REQUEST.replace(NONCE, NONCE.toUpperCase())], ['a path', REQUEST.replace(NONCE, `..%2F${NONCE}`)],
      ['no service', REQUEST.replace('service', 'server')], ['a service without TLS', REQUEST.replace('https', 'http')], ['a service with a path', REQUEST.replace('example.org', 'example.org%2Fx')],
      ['no audience', REQUEST.replace('audience', 'x')], ['a short audience', REQUEST.slice(0, -1)], ['one part twice', `${REQUEST}&service=${encodeURIComponent('https://id.example.net')}`],
      ['a part that is none', `${REQUEST}&answer=yes`], ['two kinds', `${REQUEST}&${SIGN_IN}`], ['two ways back', `${withReturn('https://a.example/')}&return=x`],
      ['a link in a link', `link=${encodeURIComponent(`web+symbolon:link=${encodeURIComponent(`web+symbolon:${REQUEST}`)}`)}`]]) same(what, taskOfFragment(text), null);
    same('its parts in another order', taskOfFragment(REQUEST.split('&').reverse().join('&')), undefined);
  },

  async 'a top-up link has all of its parts'() {
    const link = CLAIM.replace('claim=', 'top-up=');
    const task = { kind: 'top-up', code: CODE, service: 'https://id.example.org', community: COMMUNITY };
    same('fragment', taskOfFragment(link), task);
    same('scheme', taskOfLink(`web+symbolon:${link}`), task);
    for (const [what, text] of [['no code', link.replace(CODE, '')], ['no service', link.replace('service', 'x')], ['a service without TLS', link.replace('https', 'http')],
      ['no community', link.replace('community', 'x')], ['claim and top-up', `${link}&claim=${CODE}`], ['a way back', `${link}&return=${encodeURIComponent('https://forum.example.org/')}`]]) {
      same(what, taskOfFragment(text), null);
    }
  },

  async 'whatever a request is refused for, it is told of as a request'() {
    const codes = ['already-spent', 'request-used', 'request-cancelled', 'request-unknown', 'request-changed', 'audience-unknown', 'audience-mismatch', 'expired', 'banned', 'no-ticket-left',
      'spent-unknown', 'spent-set-other', 'not-satisfied', 'anonymity-set-too-small', 'policy-changed', 'issuer-changed', 'credential-none', 'epoch-mismatch', 'root-mismatch',
      'scope-combination', 'nonce-mismatch', 'leaf-missing', 'log-fork', 'relation-proof', 'presentation-length', 'checkpoint-older', 'too-many-requests', 'busy', 'service-unreachable'];
    for (const language of ['en', 'zh-Hant']) {
      const words = new Words(language, await (await fetch(`/messages/${language}.json`)).json());
      const app = new App({ words, wallet: null, turn: null, route: null });
      for (const code of codes) {
        for (const until of [null, 1_790_000_000]) {
          const said = app.explainCode(code, { reason: 'Insults.', until, before: 'https://id.example.org', host: 'id.example.org' }, 'request');
          if (said === app.say('error.unknown', { code }) || /sign[- ]in|登入|\{/.test(said)) throw new Error(`${code}: ${said}`);
          if (code === 'banned' && (!said.includes('Insults.') || said.includes('2026') !== (until !== null))) throw new Error(said);
        }
      }
    }
  },

  async 'codes and ids as people type them'() {
    same('code', claimCode(` ${CODE.toLowerCase()} `), CODE.toLowerCase());
    same('short', claimCode('0123'), null);
    same('marks', claimCode(`${CODE.slice(0, -1)}!`), null);
    same('id', communityID(` ${COMMUNITY.toUpperCase()} `), COMMUNITY);
    same('no id', communityID(`${COMMUNITY}0`), null);
  },

  async 'advice on passphrases'() {
    for (const [passphrase, judged] of [['', 'short'], ['ninechars', 'short'], ['aaaaaaaaaaaaaa', 'guessable'], ['abcdefghijklm', 'guessable'], ['9876543210', 'guessable'],
      ['abcabcabcabc', 'guessable'], ['password123456', 'guessable'], ['Sunshine!2026', 'guessable'], ['1984198419', 'guessable'], ['qwertyuiop', 'guessable'],
      ['tinkle brow', 'fair'], ['correct horse battery staple', 'good'], ['雨傘火車檸檬', 'fair'], ['雨傘火車檸檬月亮', 'good'], ['雨傘', 'short'],
      ['my dragon eats blue envelopes', 'good']]) same(passphrase, strength(passphrase), judged);
  },

  async 'sentences, numbers and times by language'() {
    const english = new Words('en', { 'a.one': '{count} leaf', 'a.other': '{count} leaves', b: '{x} and {y}', c: 'Hello {name}' });
    same('one', english.say('a', { count: 1 }), '1 leaf');
    same('many', english.say('a', { count: 1921 }), '1,921 leaves');
    same('what is filled in is not filled in again', english.say('b', { x: '{y}', y: 'z' }), '{y} and z');
    same('no name turns a sentence around', english.say('c', { name: '\u202eevil\u2066' }), 'Hello evil');
    same('nothing given', english.say('c'), 'Hello {name}');
    same('nothing inherited', english.say('c', Object.create({ name: 'x' })), 'Hello {name}');
    same('a hole', english.say('nowhere.to-be-found'), 'nowhere.to-be-found');
    const chinese = new Words('zh-Hant', { 'a.other': '{count} 張' });
    same('Chinese has one form', chinese.say('a', { count: 1 }), '1 張');
    same('minutes', [english.minutes(15), english.minutes(480), chinese.minutes(60)], ['15 minutes', '8 hours', '1 小時']);
    if (!/2026/.test(english.time(1_790_000_000)) || !/2026年9月/.test(chinese.time(1_790_000_000))) throw new Error(chinese.time(1_790_000_000));
  },
};

export async function run() {
  const failed = {};
  for (const [name, test] of Object.entries(tests)) {
    try { await test(); } catch (error) { failed[name] = String(error?.stack ?? error); }
  }
  return failed;
}
