// The service worker keeps the wallet's files, so that the page opens without a network, and the same page until its owner takes a newer one.
import { trustedScript } from './trusted.js';

/** `waits`: called when a newer version is here and waits. */
export async function install(waits) {
  if (!navigator.serviceWorker) return;
  let registration;
  try { registration = await navigator.serviceWorker.register(trustedScript('service-worker.js'), { updateViaCache: 'none' }); } catch { return; }
  const look = () => {
    if (registration.waiting && navigator.serviceWorker.controller) waits(() => take(registration));
  };
  look();
  registration.addEventListener('updatefound', () => {
    registration.installing?.addEventListener('statechange', look);
  });
}

function take(registration) {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
  registration.waiting?.postMessage('take');
}
