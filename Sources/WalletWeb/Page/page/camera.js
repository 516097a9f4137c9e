// Reads a QR code with the camera, where the browser can.
import { button, element, paragraph } from './dom.js';

/** Milliseconds between looks. */
const pause = 250;

export function cameraIsPossible() {
  return 'BarcodeDetector' in globalThis && Boolean(navigator.mediaDevices?.getUserMedia);
}

/** A picture of what the camera sees; `found` is called with each text that is read, until it returns true. Throws when there is no camera to use. */
export async function camera(words, found) {
  const detector = new globalThis.BarcodeDetector({ formats: ['qr_code'] });
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
  const video = element('video', { id: 'camera-picture', muted: true, playsinline: true, 'aria-hidden': 'true' });
  let timer = null;
  function stop() {
    clearInterval(timer);
    for (const track of stream.getTracks()) track.stop();
    box.remove();
  }
  const box = element('div', { class: 'camera' }, paragraph(words.say('camera.picture'), { role: 'status' }), video, button('camera-stop', words.say('camera.stop'), stop, { class: 'quiet' }));
  video.srcObject = stream;
  let isLooking = false;
  timer = setInterval(async () => {
    // A page that went elsewhere needs no camera.
    if (!video.isConnected) return stop();
    if (isLooking) return;
    isLooking = true;
    try {
      const codes = await detector.detect(video);
      if (codes.some(({ rawValue }) => found(rawValue))) stop();
    } catch { /* No picture yet. */ }
    isLooking = false;
  }, pause);
  // The picture begins once it is on the page.
  video.play().catch(() => {});
  return box;
}
