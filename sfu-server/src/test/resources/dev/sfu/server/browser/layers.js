// A camera sent in spatial layers of one stream, and a viewer who may be told of them or not; both with sfu-client.js.
window.layers = (() => {
  let client = null;
  let participant = null;

  async function join(room, name, listen) {
    const { SfuClient } = await import('/sfu-client.js');
    client = new SfuClient();
    listen?.();
    await client.connect({ room, name });
  }

  async function stats(type) {
    return [...(await client.getStats()).values()].filter(s => s.type === type && s.kind === 'video');
  }

  return {
    async publish(room, codec, scalabilityMode) {
      await join(room, 'Ada');
      await client.publishCamera({ codec, scalabilityMode });
    },

    /** Watches whoever publishes, now or later. */
    async watch(room, described) {
      // As in browsers that cannot be asked for header extensions.
      if (!described) delete RTCRtpTransceiver.prototype.setHeaderExtensionsToNegotiate;
      const element = Object.assign(document.createElement('video'), { autoplay: true, muted: true });
      document.body.append(element);
      await join(room, 'Ben', () => client.addEventListener('trackadded', ({ detail }) => {
        if (detail.track.kind !== 'video') return;
        participant = detail.participant;
        element.srcObject = detail.stream;
      }));
    },

    wish: maxLayer => client.setSlotWish(participant, { maxLayer }),

    offer: () => client?.peerConnection?.localDescription?.sdp ?? '',

    async sent() {
      return (await stats('outbound-rtp'))[0] ?? {};
    },

    async received() {
      return (await stats('inbound-rtp')).find(s => s.packetsReceived > 0) ?? {};
    },
  };
})();
