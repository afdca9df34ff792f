// Cameras that are drawn: each gives a video track.
(() => {
  const canvas = (width, height) => Object.assign(document.createElement('canvas'), { width, height });

  /** Somebody at a desk, who nods and blinks. */
  function drawPerson(c, look, seconds) {
    const oval = (x, y, rx, ry, colour) => {
      c.fillStyle = colour;
      c.beginPath();
      c.ellipse(x, y, rx, ry, 0, 0, 2 * Math.PI);
      c.fill();
    };
    const wall = c.createLinearGradient(0, 0, 960, 540);
    wall.addColorStop(0, look.wall[0]);
    wall.addColorStop(1, look.wall[1]);
    c.fillStyle = wall;
    c.fillRect(0, 0, 960, 540);
    const lamp = c.createRadialGradient(look.lamp, 120, 10, look.lamp, 120, 420);
    lamp.addColorStop(0, 'rgba(255,244,214,.75)');
    lamp.addColorStop(1, 'rgba(255,244,214,0)');
    c.fillStyle = lamp;
    c.fillRect(0, 0, 960, 540);
    c.fillStyle = 'rgba(30,20,20,.22)';
    c.fillRect(look.shelf, 150, 230, 12);
    for (let i = 0; i < 7; i++) {
      c.fillStyle = `hsl(${look.books + i * 23} 35% ${42 + (i % 3) * 8}%)`;
      c.fillRect(look.shelf + 12 + i * 25, 150 - 62 - (i * 37 % 26), 20, 62 + (i * 37 % 26));
    }
    const sway = Math.sin(seconds * 0.9 + look.lamp) * 9;
    const nod = Math.sin(seconds * 1.7 + look.lamp) * 4;
    const x = 480 + sway;
    oval(480 + sway / 3, 590, 250, 190, look.shirt[0]);
    c.fillStyle = look.shirt[1];
    c.beginPath();
    c.moveTo(420 + sway / 2, 405);
    c.lineTo(480 + sway / 2, 480);
    c.lineTo(540 + sway / 2, 405);
    c.fill();
    if (look.long) {
      oval(x, 268 + nod, 132, 150, look.hair);
      c.fillRect(x - 130, 268 + nod, 260, 150);
    }
    c.fillStyle = look.skin[1];
    c.fillRect(x - 38, 330, 76, 95);
    oval(x, 425, 60, 34, look.skin[1]);
    oval(x, 245 + nod, 100, 128, look.skin[0]);
    oval(x - 100, 255 + nod, 14, 24, look.skin[1]);
    oval(x + 100, 255 + nod, 14, 24, look.skin[1]);
    c.fillStyle = look.hair;
    c.beginPath();
    c.ellipse(x, 190 + nod, 108, 88, 0, Math.PI, 2 * Math.PI);
    c.quadraticCurveTo(x + 80, 168 + nod, x + look.parting, 172 + nod);
    c.quadraticCurveTo(x - 90, 176 + nod, x - 108, 190 + nod);
    c.fill();
    const open = seconds % 4 < 0.15 ? 2 : 11;
    for (const side of [-40, 40]) {
      oval(x + side, 245 + nod, 13, open, '#fff');
      oval(x + side + sway / 4, 246 + nod, 7, Math.min(open, 8), '#2b2320');
      c.fillStyle = look.hair;
      c.fillRect(x + side - 19, 219 + nod, 38, 6);
      if (look.glasses) {
        c.strokeStyle = '#2a2d34';
        c.lineWidth = 5;
        c.strokeRect(x + side - 30, 226 + nod, 60, 40);
      }
    }
    c.strokeStyle = look.skin[1];
    c.lineWidth = 6;
    c.beginPath();
    c.moveTo(x, 252 + nod);
    c.quadraticCurveTo(x + 14, 288 + nod, x - 4, 290 + nod);
    c.stroke();
    oval(x, 320 + nod, 32, 7 + 5 * Math.abs(Math.sin(seconds * 4)), '#9c3d3d');
    if (look.beard) {
      c.fillStyle = look.hair;
      c.globalAlpha = 0.85;
      c.beginPath();
      c.ellipse(x, 300 + nod, 98, 76, 0, 0.15, Math.PI - 0.15);
      c.ellipse(x, 318 + nod, 44, 22, 0, Math.PI, 0, true);
      c.fill('evenodd');
      c.globalAlpha = 1;
    }
  }

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

    /** Somebody to look at; `wish.look` says who. */
    person({ look }) {
      const target = canvas(960, 540);
      const context = target.getContext('2d', { alpha: false });
      setInterval(() => drawPerson(context, look, performance.now() / 1000), 66);
      return target.captureStream(15).getVideoTracks()[0];
    },
  };
})();
