// A publisher with two encodings and a viewer whose element grows, shrinks and goes out of sight; both with sfu-client.js.
window.wishes = (() => {
  const WIDTH = 640;
  const HEIGHT = 360;
  let client = null;
  let element = null;
  const playbacks = [];
  let calledAt = 0;
  let longestGapMillis = 0;

  /** How long this machine leaves a page waiting. */
  function tick() {
    const now = performance.now();
    if (calledAt) longestGapMillis = Math.max(longestGapMillis, now - calledAt);
    calledAt = now;
  }

  function moving() {
    const canvas = Object.assign(document.createElement('canvas'), { width: WIDTH, height: HEIGHT });
    const context = canvas.getContext('2d');
    setInterval(() => {
      tick();
      context.fillStyle = `hsl(${Math.random() * 360} 60% 50%)`;
      context.fillRect(Math.random() * WIDTH, Math.random() * HEIGHT, 60, 60);
    }, 66);
    const [track] = canvas.captureStream(15).getVideoTracks();
    // A canvas says its size only with the first picture.
    track.getSettings = () => ({ width: WIDTH, height: HEIGHT });
    return track;
  }

  async function join(room, name) {
    const { SfuClient } = await import('/sfu-client.js');
    client = new SfuClient();
    await client.connect({ room, name });
  }

  async function stats(type) {
    return [...(await client.getStats()).values()].filter(s => s.type === type && s.kind === 'video');
  }

  return {
    async publish(room) {
      await join(room, 'Ada');
      await client.publish(moving(), { source: 'camera' });
    },

    async watch(room, width) {
      setInterval(tick, 66);
      element = Object.assign(document.createElement('video'), { autoplay: true, muted: true });
      document.body.replaceChildren(element);
      wishes.resize(width);
      await new Promise(resolve => {
        join(room, 'Ben');
        const poll = setInterval(() => {
          if (!client) return;
          clearInterval(poll);
          client.addEventListener('playing', ({ detail }) => playbacks.push(detail.playback));
          client.addEventListener('trackadded', ({ detail }) => {
            client.attach(detail.participant, element);
            resolve();
          });
        }, 5);
      });
    },

    resize(width) {
      Object.assign(element.style, { width: `${width}px`, height: `${width * HEIGHT / WIDTH}px` });
    },

    /** Far below what can be seen, or back. */
    scroll(away) {
      Object.assign(element.style, { position: 'absolute', top: away ? '9000px' : '0' });
    },

    /** What a browser says of a tab that is not in front. */
    hide(hidden) {
      Object.defineProperty(document, 'visibilityState', { configurable: true, value: hidden ? 'hidden' : 'visible' });
      document.dispatchEvent(new Event('visibilitychange'));
    },

    /** The longest time between two calls of a timer that asks for one every 66 ms. */
    longestGapMillis: () => longestGapMillis,

    playback: () => playbacks.at(-1) ?? 'playing',

    async received() {
      return (await stats('inbound-rtp')).find(s => s.packetsReceived > 0) ?? {};
    },

    /** Frames sent so far, by rid. */
    async sent() {
      return Object.fromEntries((await stats('outbound-rtp')).map(s => [s.rid, s.framesSent]));
    },

    /** Frames sent in that time, by rid. */
    async sentIn(millis) {
      const before = await wishes.sent();
      await new Promise(resolve => { setTimeout(resolve, millis); });
      const after = await wishes.sent();
      return Object.fromEntries(Object.keys(after).map(rid => [rid, after[rid] - before[rid]]));
    },

    /** The encodings that are switched on. */
    active: () => client.peerConnection.getSenders().filter(s => s.track?.kind === 'video')
      .flatMap(s => s.getParameters().encodings).filter(e => e.active).map(e => e.rid),
  };
})();
