// Reads a QR code with the camera, where the browser can.
import { button, element } from './dom.js';

export function cameraIsPossible() {
  return 'BarcodeDetector' in globalThis && Boolean(navigator.mediaDevices?.getUserMedia);
}

/** A picture of what the camera sees; `found` is called with each text that is read, until it returns true. Throws when there is no camera to use. */
export async function camera(words, found) {
  const detector = new globalThis.BarcodeDetector({ formats: ['qr_code'] });
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
  const video = element('video', { id: 'camera-picture', muted: true, playsinline: true, 'aria-label': words.say('camera.picture') });
  let isOn = true;
  function stop() {
    isOn = false;
    for (const track of stream.getTracks()) track.stop();
    box.remove();
  }
  const box = element('div', { class: 'camera' }, video, button('camera-stop', words.say('camera.stop'), stop, { class: 'quiet' }));
  video.srcObject = stream;
  await video.play();
  async function look() {
    // A page that is no longer shown does not look.
    if (!isOn) return;
    let codes = [];
    try { codes = await detector.detect(video); } catch { /* No picture yet. */ }
    if (codes.some(({ rawValue }) => found(rawValue))) return stop();
    if (!video.isConnected) return stop();
    setTimeout(look, 250);
  }
  setTimeout(look, 250);
  return box;
}
