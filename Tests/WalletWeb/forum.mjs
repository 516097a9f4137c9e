// A forum of a world's service, as browsers come to it.
import http from 'node:http';

const callback = 'https://forum.example.org/callback';

/** What a browser does that goes to an address. */
export function visited(url, cookie) {
  const headers = { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document', 'Sec-Fetch-Site': 'cross-site', ...(cookie ? { cookie } : {}) };
  return new Promise((resolve, reject) => http.get(url, { headers }, (answer) => { answer.resume(); resolve({ status: answer.statusCode, location: answer.headers.location ?? '' }); }).on('error', reject));
}

/** Registered before the service is started. */
export class Forum {
  constructor(world) {
    this.world = world;
    const record = JSON.parse(world.run('forum', 'add', '--data', 'data', '--name', 'The Forum', '--audience', 'club', '--json', '--redirect-uri', callback, '--no-pkce', '--no-nonce',
      '--tier', 'member=members: votes >= 1', '--tier', 'regular=regulars: votes >= 20', '--tier', 'elder=elders: votes >= 900'));
    [this.id, this.audience] = [record['client-id'], record.audience];
  }

  /** A visit that begins a sign-in, with its cookies: the address that its page shows. */
  async begun() {
    const query = new URLSearchParams({ response_type: 'code', scope: 'openid', client_id: this.id, redirect_uri: callback, state: 'there' });
    const answer = await fetch(`${this.world.origin}/openid/authorize?${query}`, { redirect: 'manual' });
    if (!answer.headers.get('location')?.includes('/sign-in/')) throw new Error(`no sign-in begins: ${answer.status} ${answer.headers.get('location')} ${(await answer.text()).slice(0, 600)}`);
    const address = new URL(answer.headers.get('location'), this.world.origin).href;
    const cookies = (one) => one.headers.getSetCookie().map((cookie) => cookie.split(';')[0]);
    const first = cookies(answer);
    const page = await fetch(address, { headers: { cookie: first.join('; ') } });
    return { address, cookies: [...first, ...cookies(page)].join('; ') };
  }

  /** A wallet signs in: the pseudonym that the page shows. */
  async signedIn(wallet) {
    const { address, cookies } = await this.begun();
    const { code } = await wallet.engine.present({ address, smallestSet: 0 });
    await visited(`${address}/code?code=${code}`, cookies);
    return /\b[a-z]{5}-[a-z]{5}-[a-z]{5}\b/.exec(await (await fetch(address, { headers: { cookie: cookies } })).text())[0];
  }
}
