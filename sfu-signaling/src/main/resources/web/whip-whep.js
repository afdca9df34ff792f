// The two test pages: a whole WHIP (RFC 9725) and WHEP client in one small file.

const $ = id => document.getElementById(id);
const query = new URLSearchParams(location.search);
const protocol = document.querySelector('[data-protocol]').dataset.protocol;
const publishing = protocol === 'whip';

/** @type {RTCPeerConnection|null} */
let pc = null;
/** @type {string|null} */
let session = null;
/** @type {MediaStream|null} */
let camera = null;

$('room').value = query.get('room') ?? '';
$('name').value = query.get('name') ?? '';
$('form').addEventListener('submit', event => { event.preventDefault(); start(); });
$('stop').addEventListener('click', stop);
addEventListener('pagehide', stop);
if (query.get('start') === '1' && $('room').value) start();

function status(text) {
  $('status').textContent = text;
}

async function start() {
  $('start').disabled = true;
  try {
    pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    window.pc = pc;
    const connection = pc;
    pc.onconnectionstatechange = () => status(`Connection: ${connection.connectionState}`);
    if (publishing) {
      camera = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 1280, height: 720 } });
      $('video').srcObject = camera;
      for (const track of camera.getTracks()) pc.addTransceiver(track, { direction: 'sendonly' });
    } else {
      const stream = new MediaStream();
      $('video').srcObject = stream;
      pc.ontrack = ({ track }) => stream.addTrack(track);
      pc.addTransceiver('audio', { direction: 'recvonly' });
      pc.addTransceiver('video', { direction: 'recvonly' });
    }
    await pc.setLocalDescription();
    const name = $('name').value.trim();
    const response = await fetch(
      `/${protocol}/${encodeURIComponent($('room').value.trim())}${name ? `?name=${encodeURIComponent(name)}` : ''}`,
      { method: 'POST', headers: { 'Content-Type': 'application/sdp' }, body: pc.localDescription.sdp });
    if (response.status !== 201) {
      const problem = await response.json().catch(() => ({ detail: response.statusText }));
      throw new Error(`${response.status}: ${problem.detail}`);
    }
    session = new URL(response.headers.get('Location'), location.href).href;
    await pc.setRemoteDescription({ type: 'answer', sdp: await response.text() });
    $('stop').disabled = false;
  } catch (error) {
    stop();
    status(`Failed: ${error.message}`);
  }
}

function stop() {
  const ended = pc;
  pc = null;
  if (ended) ended.onconnectionstatechange = null;
  // Whoever closes first ends the session, and its resource would be gone before it is deleted.
  const deleted = session ? fetch(session, { method: 'DELETE', keepalive: true }) : Promise.resolve();
  deleted.catch(() => {}).finally(() => ended?.close());
  session = null;
  camera?.getTracks().forEach(track => track.stop());
  camera = null;
  $('video').srcObject = null;
  $('start').disabled = false;
  $('stop').disabled = true;
  status('Not connected');
}
