"""Publishes to a room with WHIP or watches it with WHEP, by aiortc; prints one line of JSON at the end.

usage: aiortc_peer.py publish|watch URL CODEC FRAMES

publish sends a tone and a moving picture until its standard input closes.
watch ends when FRAMES video frames and FRAMES audio frames are decoded that are not blank, or after 20 s.
"""

import asyncio
import fractions
import json
import math
import struct
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCRtpSender,
    RTCSessionDescription,
)
from av import AudioFrame, VideoFrame

WATCH_SECONDS = 20
WIDTH, HEIGHT, FRAME_RATE = 320, 180, 15
VIDEO_CLOCK, SAMPLE_RATE, SAMPLES = 90_000, 48_000, 960


class Paced(MediaStreamTrack):
    """A track whose n-th frame is due at n times the period."""

    def __init__(self, period):
        super().__init__()
        self.period = period
        self.count = 0
        self.begin = None

    async def next_index(self):
        if self.begin is None:
            self.begin = time.monotonic()
        index = self.count
        self.count += 1
        await asyncio.sleep(max(0.0, self.begin + index * self.period - time.monotonic()))
        return index


class Tone(Paced):
    kind = "audio"

    def __init__(self):
        super().__init__(SAMPLES / SAMPLE_RATE)

    async def recv(self):
        first = await self.next_index() * SAMPLES
        wave = [int(12_000 * math.sin(2 * math.pi * 440 * (first + i) / SAMPLE_RATE)) for i in range(SAMPLES)]
        frame = AudioFrame(format="s16", layout="mono", samples=SAMPLES)
        frame.planes[0].update(struct.pack(f"<{SAMPLES}h", *wave))
        frame.sample_rate = SAMPLE_RATE
        frame.pts = first
        frame.time_base = fractions.Fraction(1, SAMPLE_RATE)
        return frame


class MovingPicture(Paced):
    kind = "video"

    def __init__(self):
        super().__init__(1 / FRAME_RATE)

    async def recv(self):
        index = await self.next_index()
        frame = VideoFrame(WIDTH, HEIGHT, "yuv420p")
        for number, plane in enumerate(frame.planes):
            shade = bytes((x + 5 * index + 40 * number) % 256 for x in range(plane.line_size))
            plane.update(shade * (plane.buffer_size // plane.line_size))
        frame.pts = index * VIDEO_CLOCK // FRAME_RATE
        frame.time_base = fractions.Fraction(1, VIDEO_CLOCK)
        return frame


class Counter:
    """Decodes a track and counts the frames that show or sound something."""

    def __init__(self):
        self.frames = 0
        self.live = 0

    async def consume(self, track):
        while True:
            frame = await track.recv()
            self.frames += 1
            data = bytes(frame.planes[0])
            if len(set(data)) > 8:
                self.live += 1


def prefer(transceiver, codec):
    """Puts one codec first, with the rest of what aiortc offers behind it."""
    capabilities = (RTCRtpSender if transceiver.direction == "sendonly" else RTCRtpReceiver).getCapabilities("video")
    wanted = [c for c in capabilities.codecs if c.mimeType.lower() == "video/" + codec.lower()]
    others = [c for c in capabilities.codecs if c not in wanted]
    transceiver.setCodecPreferences(wanted + others)


def post(url, sdp):
    request = urllib.request.Request(
        url, data=sdp.encode(), headers={"Content-Type": "application/sdp"}, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.headers["Location"], response.read().decode()
    except urllib.error.HTTPError as problem:
        sys.exit(f"{problem.code}: {problem.read().decode()}\n{sdp}")


def delete(url):
    with urllib.request.urlopen(urllib.request.Request(url, method="DELETE"), timeout=10) as response:
        return response.status


async def negotiate(connection, url):
    await connection.setLocalDescription(await connection.createOffer())
    loop = asyncio.get_running_loop()
    location, answer = await loop.run_in_executor(None, post, url, connection.localDescription.sdp)
    await connection.setRemoteDescription(RTCSessionDescription(sdp=answer, type="answer"))
    return urllib.parse.urljoin(url, location)


def statistics(report):
    members = ("packetsSent", "packetsReceived", "packetsLost", "jitter", "roundTripTime")
    return [
        {"type": s.type, "kind": getattr(s, "kind", None), **{m: getattr(s, m) for m in members if hasattr(s, m)}}
        for s in report.values()
        if "rtp" in s.type
    ]


async def publish(connection, url, codec):
    connection.addTransceiver(Tone(), direction="sendonly")
    prefer(connection.addTransceiver(MovingPicture(), direction="sendonly"), codec)
    session = await negotiate(connection, url)
    print("READY", flush=True)
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, sys.stdin.read)
    result = {"state": connection.connectionState, "stats": statistics(await connection.getStats())}
    result["deleted"] = await loop.run_in_executor(None, delete, session)
    return result


async def watch(connection, url, codec, frames):
    counters = {"audio": Counter(), "video": Counter()}
    tasks = []
    connection.on("track", lambda track: tasks.append(asyncio.ensure_future(counters[track.kind].consume(track))))
    connection.addTransceiver("audio", direction="recvonly")
    prefer(connection.addTransceiver("video", direction="recvonly"), codec)
    session = await negotiate(connection, url)
    deadline = time.monotonic() + WATCH_SECONDS
    while any(counter.live < frames for counter in counters.values()) and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
    result = {"state": connection.connectionState, "stats": statistics(await connection.getStats())}
    for kind, counter in counters.items():
        result[kind] = {"frames": counter.frames, "live": counter.live}
    loop = asyncio.get_running_loop()
    result["deleted"] = await loop.run_in_executor(None, delete, session)
    for task in tasks:
        task.cancel()
    return result


async def main(mode, url, codec, frames):
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    try:
        if mode == "publish":
            result = await publish(connection, url, codec)
        else:
            result = await watch(connection, url, codec, frames)
    finally:
        await connection.close()
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
