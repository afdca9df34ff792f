import { SfuClient } from '/sfu-client.js';

const $ = id => document.getElementById(id);
const query = new URLSearchParams(location.search);
const isOn = name => query.get(name) === '1';

const client = new SfuClient({
  codec: query.get('codec'),
  scalabilityMode: query.get('mode'),
  simulcast: query.get('simulcast') !== '0',
});
window.sfu = client;

/** What the user wants sent; what can be sent is known only after asking for it. */
const wanted = { audio: query.get('audio') !== '0', video: query.get('video') !== '0' };
/**
 * Tracks shown in the preview, handed over on joining.
 *
 * @type {{audio: MediaStreamTrack|null, video: MediaStreamTrack|null}}
 */
const local = { audio: null, video: null };
/** @type {Map<string, HTMLElement>} tiles by `participantId` or `participantId/screen`; own ones under `me` */
const tiles = new Map();
/** @type {string[]} keys of people's tiles in the order in which they are shown: oneself, who spoke lately, the others */
let order = [];
let page = 0;
let unread = 0;

// ---- lobby -------------------------------------------------------------------------------------------------------

$('room').value = query.get('room') ?? '';
$('name').value = query.get('name') ?? sessionStorage.getItem('name') ?? localStorage.getItem('name') ?? '';
([$('room'), $('name')].find(field => !field.value) ?? $('join')).focus();

$('preview-mic').addEventListener('click', () => togglePreview('audio'));
$('preview-cam').addEventListener('click', () => togglePreview('video'));
$('camera').addEventListener('change', () => restart('video'));
$('microphone').addEventListener('change', () => restart('audio'));
$('join-form').addEventListener('submit', event => { event.preventDefault(); join(); });
navigator.mediaDevices?.addEventListener('devicechange', listDevices);

const started = startPreview();
// A reloaded tab goes back into the call it was in.
const wasInside = sessionStorage.getItem('room') === $('room').value;
if ((isOn('join') || wasInside) && $('room').value) started.then(join);

function constraints(kind) {
  const deviceId = $(kind === 'video' ? 'camera' : 'microphone').value;
  const device = deviceId ? { deviceId: { exact: deviceId } } : {};
  const base = kind === 'video' ? SfuClient.CAMERA : { echoCancellation: true, noiseSuppression: true };
  return { ...base, ...device };
}

/** Says in words what went wrong with a camera or microphone. */
function explain(error, what) {
  switch (error?.name) {
    case 'NotAllowedError':
      return `The browser was not allowed to use your ${what}. `
        + 'You can change that in its address bar, or join and just listen.';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return `No ${what} was found. You can still join: see and hear the others, and chat.`;
    case 'NotReadableError':
      return `Your ${what} is in use by another program. Close it and try again, or join without.`;
    default:
      return `Your ${what} could not be started. You can still join and listen.`;
  }
}

async function startPreview() {
  if (!navigator.mediaDevices?.getUserMedia) {
    note('Browsers give camera and microphone only to pages from https:// or localhost. '
      + 'You can still join and listen.');
    wanted.audio = wanted.video = false;
  } else if (wanted.audio && wanted.video) {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: constraints('audio'),
        video: constraints('video'),
      });
      [local.audio] = stream.getAudioTracks();
      [local.video] = stream.getVideoTracks();
    } catch (both) {
      // One of the two may be missing: what is there should work.
      const videoError = both.name === 'NotAllowedError' ? both : await start('video');
      const audioError = both.name === 'NotAllowedError' ? both : await start('audio');
      if (videoError && audioError) note(explain(both, 'camera and microphone'));
      else if (videoError) note(explain(videoError, 'camera'));
      else if (audioError) note(explain(audioError, 'microphone'));
    }
  } else {
    for (const kind of ['audio', 'video']) {
      const error = wanted[kind] ? await start(kind) : null;
      if (error) note(explain(error, kind === 'video' ? 'camera' : 'microphone'));
    }
  }
  wanted.audio &&= local.audio !== null;
  wanted.video &&= local.video !== null;
  await listDevices();
  showPreview();
}

/** Opens a device; gives the error instead of throwing it. */
async function start(kind) {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ [kind]: constraints(kind) });
    local[kind] = stream.getTracks()[0];
    return null;
  } catch (error) {
    local[kind] = null;
    return error;
  }
}

async function togglePreview(kind) {
  if (wanted[kind]) {
    wanted[kind] = false;
    local[kind]?.stop();
    local[kind] = null;
  } else {
    await restart(kind);
  }
  showPreview();
}

/** Opens the chosen device, in the lobby or during the call. */
async function restart(kind) {
  local[kind]?.stop();
  const error = navigator.mediaDevices ? await start(kind) : new Error('insecure');
  wanted[kind] = error === null;
  note(error ? explain(error, kind === 'video' ? 'camera' : 'microphone') : '');
  await listDevices();
  showPreview();
}

function showPreview() {
  const video = $('preview');
  video.srcObject = local.video ? new MediaStream([local.video]) : null;
  $('preview-text').textContent = local.video ? '' : 'Camera is off';
  button($('preview-mic'), wanted.audio, 'mic', wanted.audio ? 'Turn microphone off' : 'Turn microphone on');
  button($('preview-cam'), wanted.video, 'cam', wanted.video ? 'Turn camera off' : 'Turn camera on');
}

async function listDevices() {
  const devices = await navigator.mediaDevices?.enumerateDevices().catch(() => []) ?? [];
  for (const [id, kind, track, word] of [
    ['camera', 'videoinput', local.video, 'Camera'], ['microphone', 'audioinput', local.audio, 'Microphone']]) {
    const found = devices.filter(d => d.kind === kind);
    const select = $(id);
    const chosen = track?.getSettings().deviceId ?? select.value;
    select.replaceChildren(...found.map((d, i) => new Option(d.label || `${word} ${i + 1}`, d.deviceId)));
    if (found.length === 0) select.append(new Option(`No ${word.toLowerCase()}`, ''));
    select.disabled = found.length === 0;
    if (found.some(d => d.deviceId === chosen)) select.value = chosen;
  }
}

function note(text) {
  $('media-note').textContent = text;
  $('media-note').hidden = !text;
}

function joinError(text) {
  $('join-error').textContent = text;
  $('join-error').hidden = !text;
}

async function join() {
  const room = $('room').value.trim();
  const name = $('name').value.trim() || 'Guest';
  if (!room) {
    joinError('Please give the room a name.');
    $('room').focus();
    return;
  }
  joinError('');
  $('join').disabled = true;
  $('join').textContent = 'Joining…';
  try {
    await client.connect({ room, name });
    localStorage.setItem('name', name);
    sessionStorage.setItem('name', name);
    sessionStorage.setItem('room', room);
    enterCall(room, name);
    if (wanted.audio && local.audio) client.publish(local.audio, { source: 'microphone' }).catch(failed);
    if (wanted.video && local.video) client.publish(local.video, { source: 'camera' }).catch(failed);
    local.audio = local.video = null;
  } catch (error) {
    joinError(error.code === 'unreachable'
      ? 'The server cannot be reached right now. Check your connection and try again in a moment.'
      : `Joining failed: ${error.message}`);
  } finally {
    $('join').disabled = false;
    $('join').textContent = 'Join';
  }
}

// ---- call --------------------------------------------------------------------------------------------------------

function enterCall(room, name) {
  const link = new URL(location.pathname, location.href);
  link.searchParams.set('room', room);
  for (const keep of ['codec', 'mode', 'simulcast', 'stats']) if (query.has(keep)) link.searchParams.set(keep, query.get(keep));
  history.replaceState(null, '', link);
  document.title = room;
  $('room-title').textContent = room;
  $('preview').srcObject = null;
  $('lobby').hidden = true;
  $('call').hidden = false;
  const canShare = Boolean(navigator.mediaDevices?.getDisplayMedia);
  $('screen').disabled = !canShare;
  $('screen').title = canShare ? '' : 'This browser cannot share its screen';
  tile('me', `${name} (you)`).classList.add('own');
  showControls();
  layout();
}

function leaveCall(text) {
  for (const key of [...tiles.keys()]) removeTile(key);
  $('call').hidden = true;
  $('lobby').hidden = false;
  $('banner').hidden = true;
  toggleChat(false);
  $('chat-log').replaceChildren();
  document.title = 'Meet';
  joinError(text);
  startPreview();
  $('join').focus();
}

function tile(key, name) {
  let figure = tiles.get(key);
  if (!figure) {
    figure = $('tile-template').content.firstElementChild.cloneNode(true);
    figure.dataset.key = key;
    figure.classList.add('no-video');
    figure.querySelector('.avatar').textContent = initials(name);
    figure.querySelector('.avatar').style.setProperty('--hue', hue(name));
    figure.querySelector('video').muted = key.startsWith('me');
    figure.querySelector('.tile-name').textContent = name;
    tiles.set(key, figure);
    if (!key.endsWith('/screen')) order.push(key);
    $('grid').append(figure);
    layout();
  }
  return figure;
}

function removeTile(key) {
  const figure = tiles.get(key);
  if (!figure) return;
  client.detach(figure.querySelector('video'));
  figure.remove();
  tiles.delete(key);
  order = order.filter(k => k !== key);
  layout();
}

const firstLetters = /(?<![\p{L}\p{N}(])[\p{L}\p{N}]/gu;
const initials = name => (name.match(firstLetters) ?? ['?']).slice(0, 2).join('').toUpperCase();
const hue = name => [...name].reduce((h, c) => (h * 31 + c.codePointAt(0)) % 360, 7);

const SMALLEST_TILE = { desk: 220, phone: 150 };
const GAP = 10;

/** As many columns as make the tiles largest, keeping them near 16:9; who does not fit is on another page. */
function layout() {
  const grid = $('grid');
  const screens = [...tiles.keys()].filter(key => key.endsWith('/screen'));
  const width = grid.clientWidth || innerWidth;
  const height = grid.clientHeight || innerHeight;
  // Screens take the upper two thirds.
  const room = screens.length > 0 ? height / 3 : height;
  const smallest = width < 500 ? SMALLEST_TILE.phone : SMALLEST_TILE.desk;
  const most = Math.max(1, Math.floor((width + GAP) / (smallest + GAP)))
    * Math.max(1, Math.floor((room + GAP) / (smallest * 9 / 16 + GAP)));
  const pages = Math.max(1, Math.ceil(order.length / most));
  page = Math.min(page, pages - 1);
  const shown = order.slice(page * most, (page + 1) * most);
  for (const [key, figure] of tiles) figure.hidden = !shown.includes(key) && !key.endsWith('/screen');
  for (const [i, key] of [...screens, ...shown].entries()) tiles.get(key).style.order = String(i);
  let best = 1;
  let bestArea = 0;
  for (let columns = 1; columns <= Math.max(1, shown.length); columns++) {
    const w = width / columns;
    const h = Math.min(room / Math.ceil(shown.length / columns), w * 1.1);
    const area = Math.min(w, h * 16 / 9) * Math.min(h, w * 9 / 16);
    if (area > bestArea * 1.02) [best, bestArea] = [columns, area];
  }
  const rows = Math.ceil(shown.length / best);
  grid.style.setProperty('--columns', String(best));
  // Twice as high as all people together, so that they take the lower third.
  grid.style.setProperty('--screen-rows', String(Math.max(1, Math.ceil(2 * rows / Math.max(1, screens.length)))));
  $('count').textContent = order.length === 1 ? 'Only you' : `${order.length} people`;
  $('pager').hidden = pages === 1;
  $('page').textContent = `${page + 1} / ${pages}`;
  $('page-back').disabled = page === 0;
  $('page-on').disabled = page === pages - 1;
  const sharing = screens.map(key => key.split('/')[0]);
  const wanted = [...new Set([...sharing, ...shown])].filter(id => id !== 'me');
  client.setPage(pages === 1 ? null : wanted);
}
new ResizeObserver(layout).observe($('grid'));

$('page-back').addEventListener('click', () => { page--; layout(); });
$('page-on').addEventListener('click', () => { page++; layout(); });

/** Brings who leads the conversation onto the first page, if he is not there. */
function promote(key) {
  const at = order.indexOf(key);
  if (at < 0 || !tiles.get(key).hidden) return;
  order.splice(at, 1);
  order.splice(1, 0, key);
  layout();
}

function refresh(participant) {
  const sources = new Map([...participant.tracks.values()].map(t => [t.source, t]));
  const shown = track => track !== undefined && !track.muted;
  const main = tile(participant.id, participant.name);
  const microphone = sources.get('microphone');
  main.classList.toggle('muted', !shown(microphone));
  main.classList.toggle('no-video', !shown(sources.get('camera')));
  const paused = sources.get('camera')?.playback === 'paused_by_bandwidth';
  main.classList.toggle('paused', paused && shown(sources.get('camera')));
  play(main, participant, 'main');
  const key = `${participant.id}/screen`;
  if (sources.has('screen')) {
    const screen = tile(key, `${participant.name}'s screen`);
    screen.classList.add('screen', 'wide');
    screen.classList.remove('no-video');
    screen.classList.toggle('paused', sources.get('screen').playback === 'paused_by_bandwidth');
    client.setSlotWish(participant, { priority: 'high' }, 'screen');
    play(screen, participant, 'screen');
  } else {
    removeTile(key);
  }
}

function play(figure, participant, group) {
  const video = figure.querySelector('video');
  if (participant.streams[group].getTracks().length === 0) return;
  client.attach(participant, video, group);
  video.play().catch(error => { if (error.name === 'NotAllowedError') $('enable-sound').hidden = false; });
}

$('enable-sound').addEventListener('click', () => {
  $('enable-sound').hidden = true;
  for (const figure of tiles.values()) figure.querySelector('video').play().catch(() => {});
});

function button(element, on, icon, label) {
  element.classList.toggle('off', !on);
  element.querySelector('use').setAttribute('href', `#i-${icon}${on ? '' : '-off'}`);
  const text = element.querySelector('span');
  if (text) text.textContent = label;
  else element.setAttribute('aria-label', label);
}

function showControls() {
  const mic = client.isLive('microphone');
  const cam = client.isLive('camera');
  const screen = client.isLive('screen');
  button($('mic'), mic, 'mic', mic ? 'Mute' : 'Unmute');
  button($('cam'), cam, 'cam', cam ? 'Camera off' : 'Camera on');
  $('screen').classList.toggle('on', screen);
  $('screen').querySelector('span').textContent = screen ? 'Stop' : 'Share';
  const me = tiles.get('me');
  if (!me) return;
  me.classList.toggle('muted', !mic);
  const camera = client.localTrack('camera');
  me.classList.toggle('no-video', !cam);
  const video = me.querySelector('video');
  if ((video.srcObject?.getTracks()[0] ?? null) !== camera) video.srcObject = camera ? new MediaStream([camera]) : null;
  const shared = client.localTrack('screen');
  if (shared && !tiles.has('me/screen')) {
    const own = tile('me/screen', 'Your screen');
    own.classList.add('screen', 'wide', 'own');
    own.classList.remove('no-video');
    own.querySelector('video').srcObject = new MediaStream([shared]);
  } else if (!shared) {
    removeTile('me/screen');
  }
}

/** Runs what a button does, and says so when it fails. */
function act(element, what, task) {
  element.addEventListener('click', async () => {
    element.disabled = true;
    try {
      await task();
    } catch (error) {
      if (error.name !== 'NotAllowedError' || what !== 'screen') toast(explain(error, what));
    } finally {
      element.disabled = false;
      element.focus();
    }
  });
}

act($('mic'), 'microphone', async () => {
  if (client.isLive('microphone')) client.mute('microphone');
  else if (client.localTrack('microphone')) client.unmute('microphone');
  else await client.publishMicrophone(constraints('audio'));
});
act($('cam'), 'camera', async () => {
  if (client.isLive('camera')) await client.cameraOff();
  else await client.cameraOn({ constraints: constraints('video') });
});
act($('screen'), 'screen', async () => {
  if (!client.isLive('screen')) {
    await client.publishScreen();
  } else {
    await client.unpublish('screen');
    await client.unpublish('screen_audio');
  }
});
$('leave').addEventListener('click', () => {
  sessionStorage.removeItem('room');
  client.leave();
});
addEventListener('pagehide', () => { if (client.state === 'connected') client.leave(); });

$('copy').addEventListener('click', async () => {
  const link = new URL(location.pathname, location.href);
  link.searchParams.set('room', $('room-title').textContent);
  try {
    await navigator.clipboard.writeText(link.href);
    toast('Link copied');
  } catch {
    prompt('Copy this link', link.href);
  }
});

// ---- chat --------------------------------------------------------------------------------------------------------

function toggleChat(open) {
  $('chat').hidden = !open;
  $('chat-toggle').setAttribute('aria-expanded', String(open));
  $('chat-toggle').classList.toggle('on', open);
  if (open) {
    unread = 0;
    $('unread').hidden = true;
    $('chat-text').focus();
  }
}

$('chat-toggle').addEventListener('click', () => toggleChat($('chat').hidden));
$('chat-close').addEventListener('click', () => { toggleChat(false); $('chat-toggle').focus(); });
$('chat').addEventListener('keydown', event => {
  if (event.key === 'Escape') { toggleChat(false); $('chat-toggle').focus(); }
});
$('chat-form').addEventListener('submit', event => {
  event.preventDefault();
  const text = $('chat-text').value.trim();
  if (text) client.chat(text);
  $('chat-text').value = '';
});

client.addEventListener('chat', ({ detail }) => {
  const item = document.createElement('li');
  const name = Object.assign(document.createElement('b'), {
    textContent: detail.participantId === client.participantId ? 'You' : detail.name,
  });
  const time = Object.assign(document.createElement('time'), {
    dateTime: new Date(detail.epochMillis).toISOString(),
    textContent: new Date(detail.epochMillis).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }),
  });
  item.append(name, time, Object.assign(document.createElement('p'), { textContent: detail.text }));
  $('chat-log').append(item);
  $('chat-log').scrollTop = $('chat-log').scrollHeight;
  if ($('chat').hidden) {
    $('unread').textContent = String(Math.min(99, ++unread));
    $('unread').hidden = false;
  }
});

// ---- events ------------------------------------------------------------------------------------------------------

const on = (type, handle) => client.addEventListener(type, event => handle(event.detail));

on('participantjoined', ({ participant }) => { refresh(participant); toast(`${participant.name} joined`); });
on('participantleft', ({ participant }) => {
  removeTile(participant.id);
  removeTile(`${participant.id}/screen`);
  toast(`${participant.name} left`);
});
for (const type of ['trackpublished', 'trackunpublished', 'trackmuted', 'trackadded', 'trackremoved', 'playing']) {
  on(type, ({ participant }) => refresh(participant));
}
on('localtrack', showControls);
on('speaking', ({ participantId, speaking }) => {
  tiles.get(participantId === client.participantId ? 'me' : participantId)?.classList.toggle('speaking', speaking);
});
on('speakers', ({ dominantParticipantId }) => {
  for (const [key, figure] of tiles) {
    figure.classList.toggle('dominant', key === dominantParticipantId);
  }
  if (page === 0 && dominantParticipantId) promote(dominantParticipantId);
});
on('trackstats', ({ participant, track, ...rates }) => {
  if (track.kind === 'video') showRates(track.source === 'screen' ? `${participant.id}/screen` : participant.id, rates);
});
on('localstats', ({ source, ...rates }) => {
  if (source === 'camera') showRates('me', rates);
  else if (source === 'screen') showRates('me/screen', rates);
});
on('quality', ({ participantId, quality }) => {
  const bars = tiles.get(participantId === client.participantId ? 'me' : participantId)?.querySelector('.quality');
  if (!bars) return;
  bars.dataset.level = quality;
  bars.setAttribute('aria-label', `${quality} connection`);
  bars.parentElement.title = `${quality} connection`;
});
/** Small print for who wants to know: shown when a pointer is over the tile, or always with `?stats=1`. */
function showRates(key, { width, height, framesPerSecond, bitrate }) {
  const rates = tiles.get(key)?.querySelector('.rates');
  if (!rates) return;
  const amount = bitrate >= 1e6 ? `${(bitrate / 1e6).toFixed(1)} Mbit/s` : `${Math.round(bitrate / 1e3)} kbit/s`;
  rates.textContent = bitrate < 1_000 ? '' : `${width}×${height} · ${Math.round(framesPerSecond)} fps · ${amount}`;
}
document.documentElement.classList.toggle('show-rates', isOn('stats'));

on('reconnecting', ({ attempt }) => {
  $('banner').textContent = attempt < 4
    ? 'Connection lost. Reconnecting…'
    : 'The server is away. Trying again until it is back…';
  $('banner').hidden = false;
});
on('reconnected', () => { $('banner').hidden = true; });
on('notice', ({ message }) => toast(message));
on('error', failed);
on('ended', ({ code, reason }) => leaveCall(code === 'left' ? '' : `The call ended: ${reason}`));

function failed(error) {
  toast(`Something went wrong: ${error.message}`);
}

function toast(text) {
  const element = Object.assign(document.createElement('div'), { className: 'toast', textContent: text });
  $('toasts').append(element);
  while ($('toasts').children.length > 3) $('toasts').firstChild.remove();
  setTimeout(() => element.remove(), 4000);
}
