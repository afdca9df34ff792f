// Cameras that are drawn: each gives a video track.
(() => {
  const canvas = (width, height) => Object.assign(document.createElement('canvas'), { width, height });

  window.scenes = {
    /** Fine detail that is new in every frame: takes whatever bitrate there is. */
    noise() {
      const target = canvas(640, 360);
      const context = target.getContext('2d');
      setInterval(() => {
        for (let i = 0; i < 600; i++) {
          context.fillStyle = `hsl(${Math.random() * 360} 60% ${20 + Math.random() * 60}%)`;
          context.fillRect(Math.random() * 640, Math.random() * 360, 24, 18);
        }
      }, 50);
      return target.captureStream(20).getVideoTracks()[0];
    },
  };
})();
