// Many publishers from one page, each a small picture over WHIP.
window.publishMany = async (room, count) => {
  for (let i = 1; i <= count; i++) {
    const canvas = Object.assign(document.createElement('canvas'), { width: 160, height: 90 });
    const context = canvas.getContext('2d');
    setInterval(() => {
      context.fillStyle = `hsl(${(performance.now() / 20 + i * 60) % 360} 70% 50%)`;
      context.fillRect(0, 0, 160, 90);
    }, 100);
    const pc = new RTCPeerConnection();
    pc.addTransceiver(canvas.captureStream(10).getVideoTracks()[0], { direction: 'sendonly' });
    await pc.setLocalDescription();
    const response = await fetch(`/whip/${room}?name=Person%20${i}`, {
      method: 'POST', headers: { 'Content-Type': 'application/sdp' }, body: pc.localDescription.sdp,
    });
    if (response.status !== 201) throw new Error(`${response.status}: ${await response.text()}`);
    await pc.setRemoteDescription({ type: 'answer', sdp: await response.text() });
  }
};
