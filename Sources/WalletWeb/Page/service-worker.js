// Keeps the wallet's files, each as its hash says, so that the page opens without a network. Nothing else is kept: no service's answer, no secret. A newer
// version is fetched whole, and waits until its owner takes it or no tab of the older one is open.
const release = { version: 'source', files: {} };

const NAME = `symbolon ${release.version}`;
const place = (name) => new URL(name, self.registration.scope).href;
const kept = new Set(Object.keys(release.files).map(place));

async function keep() {
  const cache = await caches.open(NAME);
  await Promise.all(Object.entries(release.files).map(async ([name, integrity]) => {
    const response = await fetch(place(name), { integrity, cache: 'no-cache', credentials: 'omit' });
    if (!response.ok) throw new Error(`${name}: ${response.status}`);
    await cache.put(place(name), response);
  }));
}

self.addEventListener('install', (event) => event.waitUntil(keep()));

self.addEventListener('activate', (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith('symbolon ') && name !== NAME) await caches.delete(name);
  await self.clients.claim();
})()));

self.addEventListener('message', ({ data }) => { if (data === 'take') self.skipWaiting(); });

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  url.search = url.hash = '';
  const isPage = request.mode === 'navigate' && url.href === self.registration.scope;
  const name = isPage ? place('index.html') : url.href;
  // What is not one of the wallet's files goes its own way.
  if (request.method !== 'GET' || !kept.has(name)) return;
  event.respondWith(caches.open(NAME).then((cache) => cache.match(name)).then((found) => found ?? fetch(request)));
});
