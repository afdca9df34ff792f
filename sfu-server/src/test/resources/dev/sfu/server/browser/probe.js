// Runs in every page before its own scripts: bends what a test wants bent, and notes when things happen.
(() => {
  const wish = window.testWish ?? {};
  const now = () => performance.timeOrigin + performance.now();
  const FAST_MS = 60;
  const SLOW_MS = 500;
  const FAST_FOR_MS = 15_000;

  const probe = {
    now,
    pc: null,
    joinedAt: 0,
    connectedAt: 0,
    /** By participant id: {name, video, audio}, epoch milliseconds of what was first decoded. */
    firsts: {},
    /** By name. */
    leftAt: {},
    /** [milliseconds since connected, target, available], bits a second. */
    rates: [],

    /** Every stats object of the peer connection. */
    async stats() {
      return probe.pc ? [...(await probe.pc.getStats()).values()] : [];
    },

    /** The inbound streams that play somebody, with who that is and the codec's name. */
    async received() {
      const stats = await probe.stats();
      const codecs = new Map(stats.filter(s => s.type === 'codec').map(s => [s.id, s.mimeType]));
      return stats.filter(s => s.type === 'inbound-rtp').map(s => {
        const sender = senderOf(s.trackIdentifier);
        return sender && { ...s, ...sender, codec: codecs.get(s.codecId) ?? '' };
      }).filter(Boolean);
    },

    /** The selected pair with its two candidates. */
    async selected() {
      const stats = await probe.stats();
      const byId = new Map(stats.map(s => [s.id, s]));
      const transport = stats.find(s => s.type === 'transport' && s.selectedCandidatePairId);
      const pair = transport && byId.get(transport.selectedCandidatePairId);
      return pair && {
        pair, local: byId.get(pair.localCandidateId), remote: byId.get(pair.remoteCandidateId), transport,
      };
    },
  };
  window.probe = probe;

  /** Whose track a receiver plays. */
  function senderOf(trackId) {
    for (const p of window.sfu?.participants.values() ?? []) {
      for (const [group, stream] of Object.entries(p.streams)) {
        if (stream.getTracks().some(t => t.id === trackId)) return { from: p.name, participantId: p.id, group };
      }
    }
    return null;
  }

  const progressOf = s => (s.kind === 'video' ? s.framesDecoded : s.totalSamplesReceived) ?? 0;
  /** Progress of each slot at the last look: a slot goes on counting when it gets another sender. */
  const before = new Map();

  async function look(pc) {
    const inbound = await probe.received();
    for (const s of inbound) {
      const first = probe.firsts[s.participantId] ??= { name: s.from, video: 0, audio: 0 };
      if (s.group === 'main' && !first[s.kind] && progressOf(s) > (before.get(s.trackIdentifier) ?? 0)) {
        first[s.kind] = now();
      }
    }
    let target = 0;
    let available = 0;
    for (const s of await probe.stats()) {
      if (s.type === 'inbound-rtp') before.set(s.trackIdentifier, progressOf(s));
      if (s.type === 'outbound-rtp' && s.kind === 'video') target += s.targetBitrate ?? 0;
      if (s.type === 'candidate-pair' && s.nominated) available = s.availableOutgoingBitrate ?? available;
    }
    if (target) probe.rates.push([now() - probe.connectedAt, target, available]);
    const pause = now() - probe.connectedAt < FAST_FOR_MS ? FAST_MS : SLOW_MS;
    if (probe.pc === pc) setTimeout(() => { look(pc).catch(() => {}); }, pause);
  }

  function listen() {
    if (!window.sfu) return setTimeout(listen, 10);
    window.sfu.addEventListener('participantleft', e => { probe.leftAt[e.detail.participant.name] = now(); });
  }
  listen();

  /** Lets the page see only the candidates that the test wants it to use. */
  function bend(sdp) {
    if (!wish.transport && !wish.via) return sdp;
    const transport = wish.transport ?? 'udp';
    let passed = false;
    return sdp.split('\r\n').flatMap(line => {
      if (!line.startsWith('a=candidate:')) return [line];
      const part = line.split(' ');
      if (part[2].toLowerCase() !== transport) return [];
      if (!wish.via) return [line];
      if (passed) return [];
      passed = true;
      [part[4], part[5]] = wish.via;
      return [part.join(' ')];
    }).join('\r\n');
  }

  window.RTCPeerConnection = class extends window.RTCPeerConnection {
    constructor(...args) {
      super(...args);
      probe.pc = this;
      this.addEventListener('connectionstatechange', () => {
        if (this.connectionState !== 'connected' || probe.pc !== this || probe.lookedAt === this) return;
        probe.lookedAt = this;
        probe.connectedAt = now();
        look(this).catch(() => {});
      });
    }

    setRemoteDescription(description) {
      return super.setRemoteDescription({ type: description.type, sdp: bend(description.sdp) });
    }
  };

  window.WebSocket = class extends window.WebSocket {
    constructor(...args) {
      super(...args);
      probe.joinedAt = now();
    }
  };

  const devices = navigator.mediaDevices;
  const original = devices?.getUserMedia.bind(devices);
  if (devices && wish.camera) {
    devices.getUserMedia = wanted => original(
      wanted.video ? { ...wanted, video: { ...Object(wanted.video), ...wish.camera } } : wanted);
  } else if (devices && wish.scene) {
    devices.getUserMedia = async wanted => {
      const sound = wanted.audio ? (await original({ audio: true })).getTracks() : [];
      return new MediaStream(wanted.video ? [...sound, window.scenes[wish.scene](wish)] : sound);
    };
  }
})();
