// Many publishers of one colour each, and a viewer with few slots that turns pages.
window.paging = (() => {
  const COLOURS = 12;
  const hueOf = i => i * 360 / COLOURS;

  /** Joins a room with a connection of its own over WebSocket; nothing is ever offered again. */
  function join(room, name, transceivers) {
    return new Promise((resolve, reject) => {
      const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
      const socket = new WebSocket(`ws://${location.host}/ws`);
      const member = { pc, socket, id: null, slots: new Map(), asked: 0 };
      transceivers(pc);
      const send = message => socket.send(JSON.stringify(message));
      const on = {
        async joined(message) {
          member.id = message.participantId;
          await pc.setLocalDescription();
          const sent = pc.getTransceivers().filter(t => t.direction === 'sendonly');
          send({ type: 'offer', id: 1, sdp: pc.localDescription.sdp,
            tracks: sent.map(t => ({ mid: t.mid, source: 'camera', muted: false })) });
        },
        async answer(message) {
          if (member.onAnswer) return member.onAnswer(message);
          await pc.setRemoteDescription({ type: 'answer', sdp: message.sdp });
          resolve(member);
        },
        slots(message) {
          for (const slot of message.slots) member.slots.set(slot.mid, slot.participantId);
        },
        slotsNeeded() {
          member.asked++;
        },
        error(message) {
          reject(new Error(JSON.stringify(message)));
        },
      };
      socket.onopen = () => send({ type: 'join', room, name });
      socket.onmessage = event => {
        const message = JSON.parse(event.data);
        Promise.resolve(on[message.type]?.(message)).catch(reject);
      };
      socket.onerror = () => reject(new Error('socket'));
      member.send = send;
    });
  }

  function coloured(i) {
    const canvas = Object.assign(document.createElement('canvas'), { width: 160, height: 90 });
    const context = canvas.getContext('2d');
    let light = 0;
    setInterval(() => {
      light = (light + 1) % 8;
      context.fillStyle = `hsl(${hueOf(i)} 90% ${46 + light}%)`;
      context.fillRect(0, 0, 160, 90);
    }, 66);
    return canvas.captureStream(15).getVideoTracks()[0];
  }

  let viewer = null;
  const ids = [];
  const screens = new Map();

  /** The colour that a slot shows: which publisher's it is, or -1. */
  function shown(mid) {
    const screen = screens.get(mid);
    if (!screen || screen.readyState < 2) return -1;
    const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 });
    const context = canvas.getContext('2d', { willReadFrequently: true });
    context.drawImage(screen, 0, 0, 1, 1);
    const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
    const high = Math.max(r, g, b);
    const span = high - Math.min(r, g, b);
    if (span < 60) return -1;
    const sixth = high === r ? ((g - b) / span + 6) % 6 : high === g ? (b - r) / span + 2 : (r - g) / span + 4;
    return Math.round(sixth * 60 / 360 * COLOURS) % COLOURS;
  }

  function allShown(wanted) {
    const now = new Set([...screens.keys()].map(shown));
    return wanted.every(i => now.has(i));
  }

  return {
    async publish(room, count) {
      for (let i = 0; i < count; i++) {
        const member = await join(room, `Person ${i}`, pc => pc.addTransceiver(coloured(i), { direction: 'sendonly' }));
        ids.push(member.id);
      }
      return ids;
    },

    async watch(room, slots) {
      viewer = await join(room, 'Viewer', pc => {
        pc.ontrack = ({ track, transceiver }) => {
          const screen = Object.assign(document.createElement('video'), {
            autoplay: true, muted: true, srcObject: new MediaStream([track]),
          });
          document.body.append(screen);
          screens.set(transceiver.mid, screen);
        };
        for (let i = 0; i < slots; i++) pc.addTransceiver('video', { direction: 'recvonly' });
      });
    },

    /** Asks for a page; milliseconds until everybody on it is seen. */
    async turn(participantIds, wanted, patienceMillis) {
      const began = performance.now();
      viewer.send({ type: 'page', participantIds });
      while (!allShown(wanted)) {
        if (performance.now() - began > patienceMillis) return Infinity;
        await new Promise(resolve => setTimeout(resolve, 5));
      }
      return performance.now() - began;
    },

    /**
     * Offers one slot more and takes its time to apply the answer: milliseconds from then on until something is decoded in it,
     * and how often a keyframe was asked for.
     */
    async grow(answerMillis, patienceMillis) {
      const { pc } = viewer;
      const { receiver } = pc.addTransceiver('video', { direction: 'recvonly' });
      await pc.setLocalDescription();
      const answered = new Promise(resolve => { viewer.onAnswer = resolve; });
      viewer.send({ type: 'offer', id: 2, sdp: pc.localDescription.sdp, tracks: [] });
      const { sdp } = await answered;
      await new Promise(resolve => setTimeout(resolve, answerMillis));
      const began = performance.now();
      await pc.setRemoteDescription({ type: 'answer', sdp });
      for (;;) {
        const inbound = [...(await receiver.getStats()).values()].find(stats => stats.type === 'inbound-rtp');
        const millis = performance.now() - began;
        if (inbound?.framesDecoded > 0 || millis > patienceMillis) {
          return { millis, requests: inbound?.pliCount ?? -1, decoded: inbound?.framesDecoded ?? 0 };
        }
        await new Promise(resolve => setTimeout(resolve, 5));
      }
    },

    seen: () => [...screens.keys()].map(shown),
    sections: () => viewer.pc.getTransceivers().length,
  };
})();
