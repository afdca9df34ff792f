// Publishes and watches over WHIP and WHEP, with encodings and networks that a test chooses.
window.adaptation = (() => {
  let calledAt = 0;
  let longestGapMillis = 0;

  /** How long this machine leaves a page waiting. */
  function tick() {
    const now = performance.now();
    if (calledAt) longestGapMillis = Math.max(longestGapMillis, now - calledAt);
    calledAt = now;
  }

  /** Everything is new in every frame: takes whatever bitrate there is, and keyframes are no larger than others. */
  function noise(width, height, framesPerSecond) {
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const context = canvas.getContext('2d');
    const block = width / 30;
    setInterval(() => {
      tick();
      context.fillStyle = '#204060';
      context.fillRect(0, 0, width, height);
      for (let i = 0; i < 60; i++) {
        context.fillStyle = `hsl(${Math.random() * 360} 60% ${20 + Math.random() * 60}%)`;
        context.fillRect(Math.random() * width, Math.random() * height, block, block);
      }
    }, 1000 / framesPerSecond);
    return canvas.captureStream(framesPerSecond).getVideoTracks()[0];
  }

  function prefer(transceiver, codec) {
    const codecs = RTCRtpReceiver.getCapabilities('video').codecs;
    const first = codecs.filter(c => c.mimeType.toLowerCase() === `video/${codec}`.toLowerCase());
    transceiver.setCodecPreferences([...first, ...codecs.filter(c => c.mimeType.endsWith('/rtx'))]);
  }

  /** Layers of one stream are only told apart by the dependency descriptor, in AV1. */
  function describe(transceiver) {
    if (!transceiver.setHeaderExtensionsToNegotiate) return;
    const extensions = transceiver.getHeaderExtensionsToNegotiate();
    extensions.filter(e => /dependency-descriptor/.test(e.uri)).forEach(e => { e.direction = 'sendrecv'; });
    transceiver.setHeaderExtensionsToNegotiate(extensions);
  }

  async function connect(pc, resource) {
    await pc.setLocalDescription();
    const response = await fetch(resource, {
      method: 'POST', headers: { 'Content-Type': 'application/sdp' }, body: pc.localDescription.sdp,
    });
    const answer = await response.text();
    if (response.status !== 201) throw new Error(`${response.status}: ${answer}`);
    await pc.setRemoteDescription({ type: 'answer', sdp: answer });
  }

  let pc = null;
  /** When the last frame of each encoding left, by rid. */
  const leftAt = new Map();

  /** How long an encoder leaves its viewers waiting. */
  async function watchEncoders() {
    for (const { rid = '', framesSent } of await stats('outbound-rtp')) {
      const now = performance.now();
      const last = leftAt.get(rid);
      if (last?.framesSent === framesSent) continue;
      if (last) longestGapMillis = Math.max(longestGapMillis, now - last.at);
      leftAt.set(rid, { framesSent, at: now });
    }
  }

  async function stats(type) {
    return [...(await pc.getStats()).values()].filter(s => s.type === type && s.kind === 'video');
  }

  return {
    async publish({ room, codec, encodings, width, height, framesPerSecond }) {
      pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
      const sound = (await navigator.mediaDevices.getUserMedia({ audio: true })).getAudioTracks()[0];
      pc.addTransceiver(sound, { direction: 'sendonly' });
      const track = noise(width, height, framesPerSecond);
      track.contentHint = 'motion';
      const camera = pc.addTransceiver(track, { direction: 'sendonly', sendEncodings: encodings });
      prefer(camera, codec);
      describe(camera);
      const parameters = camera.sender.getParameters();
      parameters.degradationPreference = 'maintain-resolution';
      await camera.sender.setParameters(parameters);
      await connect(pc, `/whip/${room}?name=Ada`);
      setInterval(watchEncoders, 50);
    },

    async watch({ room }) {
      setInterval(tick, 50);
      pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
      const stream = new MediaStream();
      const element = Object.assign(document.createElement('video'), { autoplay: true, muted: true, srcObject: stream });
      document.body.append(element);
      pc.ontrack = ({ track }) => stream.addTrack(track);
      pc.addTransceiver('audio', { direction: 'recvonly' });
      describe(pc.addTransceiver('video', { direction: 'recvonly' }));
      await connect(pc, `/whep/${room}?name=Ben`);
    },

    /** What is received, with sound. */
    async received() {
      const all = [...(await pc.getStats()).values()].filter(s => s.type === 'inbound-rtp');
      const video = all.find(s => s.kind === 'video') ?? {};
      const audio = all.find(s => s.kind === 'audio') ?? {};
      return { ...video, soundSamples: audio.totalSamplesReceived ?? 0, concealedSamples: audio.concealedSamples ?? 0 };
    },

    /** What is sent, by encoding. */
    sent: () => stats('outbound-rtp'),

    /** The longest time between two calls of a timer, or between two frames of an encoder, since the last question. */
    longestGapMillis() {
      const longest = longestGapMillis;
      longestGapMillis = 0;
      return longest;
    },
  };
})();
